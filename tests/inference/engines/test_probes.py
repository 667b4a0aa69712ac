"""Whatever answers at an address, the question ends with an engine or with one of two errors."""

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.engines.calls import Address
from inference.engines.probes import EngineAway, EngineUnusable, Probe
from inference.token_lists import TokenLists
from tests.fakes.recorded import answering

NAMES = st.sampled_from(
    ["default_generation_settings", "version", "data", "id", "meta", "n_vocab", "n_ctx", "max_model_len", "content"]
)
VALUES = st.recursive(
    st.none() | st.integers(-1, 300_000) | st.just(201_088) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


async def asked(response: bytes) -> None:
    async with (
        answering(response) as url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        await Probe(session, Address(url, ""), "engine-1", TokenLists(None)).find()


def said(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d .\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, len(body), body)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(NAMES, VALUES))
async def test_any_json_is_refused_or_waited_for(answer: dict[str, object]) -> None:
    with pytest.raises((EngineAway, EngineUnusable)):
        await asked(said(200, orjson.dumps(answer)))


@pytest.mark.parametrize("response", [b"", b"SSH-2.0\r\n\r\n", said(503, b"{}")])
async def test_what_does_not_answer_or_still_loads_is_away(response: bytes) -> None:
    with pytest.raises(EngineAway):
        await asked(response)


@pytest.mark.parametrize("response", [said(200, b"[]"), said(200, b"<html>"), said(404, b""), said(302, b"")])
async def test_another_server_is_unusable(response: bytes) -> None:
    with pytest.raises(EngineUnusable):
        await asked(response)


def test_an_address_is_never_written_out() -> None:
    assert "secret" not in repr(Address("http://secret:1", "secret"))
