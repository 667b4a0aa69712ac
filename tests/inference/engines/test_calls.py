"""Failures, silences and leaving early, on both wire shapes of the fake engine."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from compliance.contracts import DataPolicy
from inference.contracts import CompletionRequest, Finished, Tokens
from inference.errors import EngineFailed, EngineRefused, EngineTimeout, EngineUnavailable
from inference.pool import Lease
from tests.fakes.answers import Script
from tests.fakes.playback import Fault
from tests.fakes.raw_engine import EngineSettings
from tests.fakes.recorded import answering
from tests.inference.conftest import collect, leased, question
from tests.inference.engines.conftest import CallOf

KINDS = pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
SOON = 0.3  # seconds in which an engine must know that its caller left


async def read_into(got: list[int], stream: AsyncIterator[Tokens | Finished]) -> None:
    async for item in stream:
        if isinstance(item, Tokens):
            got.extend(item.ids)


async def first_of(lease: Lease, stream: AsyncIterator[object]) -> None:
    assert isinstance(await anext(stream), Tokens)


@KINDS
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("cut:5", EngineFailed),
        ("error:5", EngineFailed),
        ("malformed:5", EngineFailed),
        ("hang:5", EngineTimeout),
        ("500", EngineFailed),
        ("503", EngineUnavailable),
    ],
)
async def test_a_fault_is_told_apart_and_the_next_try_goes_through(
    kind: str, fault: str, error: type[Exception], policy: DataPolicy
) -> None:
    settings = EngineSettings(kind, rate=1000, ttft=0, fault=Fault.parse(fault), script=Script(30, 0))
    async with leased(settings, policy) as (lease, engine):
        prompt = question(lease.vocabulary)
        got: list[int] = []

        with pytest.raises(error) as raised:
            await read_into(got, lease.stream(CompletionRequest(prompt, 100)))
        rest = await collect(lease, (*prompt, *got))

        assert type(raised.value) is error
        assert raised.value.retryable  # type: ignore[attr-defined]
        assert b"".join(map(lease.vocabulary.piece, (*got, *rest.ids))).decode().endswith("<|return|>")
        assert not engine.engine.log[1].answer.diverged


@KINDS
async def test_an_error_says_nothing_of_the_engine(kind: str, policy: DataPolicy) -> None:
    settings = EngineSettings(kind, rate=0, ttft=0, fault=Fault("error", 3), script=Script(5, 0))
    async with leased(settings, policy) as (lease, _):
        with pytest.raises(EngineFailed) as raised:
            await collect(lease, question(lease.vocabulary))

    said = f"{raised.value} {raised.value!r} {raised.value.detail} {raised.value.params}"
    assert "/srv" not in said
    assert "127.0.0.1" not in said
    assert raised.value.__cause__ is None


@KINDS
@pytest.mark.parametrize("how", ["aclose", "cancel", "lease"])
async def test_leaving_in_mid_answer_closes_the_connection_at_once(kind: str, how: str, policy: DataPolicy) -> None:
    settings = EngineSettings(kind, rate=100, ttft=0, script=Script(1000, 0))
    async with leased(settings, policy) as (lease, engine):
        stream = lease.stream(CompletionRequest(question(lease.vocabulary), 2000))
        await first_of(lease, stream)
        left = time.monotonic()

        if how == "aclose":
            await stream.aclose()
        elif how == "lease":
            await lease.close()
        else:
            await cancelled(stream)
        record = await engine.closed(0)

    assert record.end == "client"
    assert record.mono[1] is not None
    assert record.mono[1] - left < SOON


@KINDS
async def test_leaving_before_the_first_token_closes_the_connection_at_once(kind: str, policy: DataPolicy) -> None:
    async with leased(EngineSettings(kind, ttft=30), policy) as (lease, engine):
        stream = lease.stream(CompletionRequest(question(lease.vocabulary), 100))
        reading = asyncio.ensure_future(anext(stream))
        await engine.asked()
        left = time.monotonic()

        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        record = await engine.closed(0)

    assert (record.end, record.sent) == ("client", 0)
    assert record.mono[1] is not None
    assert record.mono[1] - left < SOON


async def cancelled(stream: AsyncIterator[object]) -> None:
    """Cancels the reader while it waits: what has come already is read first."""
    while True:
        reading = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        if not reading.done():
            break
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


@KINDS
async def test_silence_before_the_first_token_is_a_timeout(kind: str, policy: DataPolicy) -> None:
    async with leased(EngineSettings(kind, fault=Fault("stall")), policy) as (lease, engine):
        with pytest.raises(EngineTimeout):
            await collect(lease, question(lease.vocabulary))

        assert (await engine.closed(0)).end == "fault"


async def test_a_reader_that_takes_its_time_is_no_silence_of_the_engine(policy: DataPolicy) -> None:
    settings = EngineSettings(rate=0, ttft=0, script=Script(400, 0))
    async with leased(settings, policy) as (lease, _):
        stream = lease.stream(CompletionRequest(question(lease.vocabulary), 500))
        await anext(stream)
        await asyncio.sleep(0.4)  # longer than the limit between tokens

        assert [item async for item in stream]


async def test_a_reader_that_comes_seldom_gets_what_has_gathered_in_one_piece(policy: DataPolicy) -> None:
    settings = EngineSettings("vllm", rate=100, ttft=0, script=Script(60, 0))
    async with leased(settings, policy) as (lease, _):
        stream = lease.stream(
            CompletionRequest(question(lease.vocabulary), 500), before_read=lambda: asyncio.sleep(0.1)
        )
        items = [item async for item in stream]

    *tokens, finished = items
    assert isinstance(finished, Finished)
    assert sum(len(item.ids) for item in tokens if isinstance(item, Tokens)) == finished.completion_tokens
    assert len(tokens) < finished.completion_tokens / 3


async def test_nobody_listening_is_not_available(call_of: CallOf) -> None:
    async with answering(b"") as url:
        pass

    with pytest.raises(EngineUnavailable):
        await anext(call_of(url).events())


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (b"", EngineFailed),
        (b"SSH-2.0-server\r\n\r\n", EngineFailed),
        (b"HTTP/1.1 200 OK\r\n\r\ndata: " + b"x" * (9 << 20), EngineFailed),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ndata: {}\n\n", EngineFailed),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>", EngineFailed),
        (b"HTTP/1.1 429 Many\r\nContent-Length: 0\r\n\r\n", EngineUnavailable),
        (b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n", EngineRefused),
        (b'HTTP/1.1 400 Bad\r\nContent-Length: 15\r\n\r\n{"error":"text"', EngineRefused),
        (b"HTTP/1.1 302 Away\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", EngineRefused),
    ],
)
async def test_what_is_no_engine_is_an_error_of_ours(call_of: CallOf, response: bytes, error: type[Exception]) -> None:
    async with answering(response) as url:
        with pytest.raises(error):
            [read async for read in call_of(url).events()]
