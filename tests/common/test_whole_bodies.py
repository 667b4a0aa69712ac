"""A body is there as a whole before anybody sees its request, or the request is refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from workspace.common.whole_bodies import Message, Receive, Send, WholeBodies


async def reading(scope: Message, receive: Receive, send: Send) -> None:
    """An application that reads the whole body, then says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def ask(chunks: list[bytes], declared: bytes | None = None) -> tuple[int, bytes, int]:
    """Status and body of the answer, and how many chunks were taken."""
    sent: list[Any] = []
    taken = 0

    async def each() -> AsyncIterator[Message]:
        for number, chunk in enumerate(chunks, 1):
            yield {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}

    body = each()

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return await anext(body)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", declared)]
    await WholeBodies(reading, 10)({"type": "http", "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], taken


async def test_a_body_within_the_limit_passes() -> None:
    assert await ask([b"12345", b"67890"], b"10") == (200, b"10", 2)


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    status, body, taken = await ask([b"x" * 11], b"11")

    assert (status, taken) == (413, 0)
    assert b"too_large" in body


@pytest.mark.parametrize("declared", [None, b"x", b"-1", b"0"])
async def test_a_body_that_grows_over_the_limit_is_cut_off(declared: bytes | None) -> None:
    status, _, taken = await ask([b"x" * 6] * 100, declared)

    assert (status, taken) == (413, 2)


async def seen_of(chunks: list[bytes], headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers that the application sees."""
    seen: dict[bytes, bytes] = {}
    waiting = [{"type": "http.request", "body": c, "more_body": i < len(chunks)} for i, c in enumerate(chunks, 1)]

    async def receive() -> Message:
        return waiting.pop(0)

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        seen.update(scope["headers"])

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await WholeBodies(application, 10)({"type": "http", "headers": headers}, receive, send)
    return seen


async def test_a_body_sent_in_chunks_gets_its_length() -> None:
    seen = await seen_of([b"123", b"45"], [(b"transfer-encoding", b"chunked"), (b"host", b"here")])

    assert seen == {b"host": b"here", b"content-length": b"5"}


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    sent: list[Any] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await WholeBodies(reading, 10, seconds=0.01)({"type": "http", "headers": []}, receive, send)

    assert sent[0]["status"] == 408
    assert b"too_slow" in sent[1]["body"]


async def test_nobody_is_told_when_the_client_left_before_its_body_was_here() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def nobody(*_: Any) -> None:
        raise AssertionError

    await WholeBodies(nobody, 10)({"type": "http", "headers": []}, receive, nobody)
