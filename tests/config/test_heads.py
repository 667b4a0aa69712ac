"""Around its body a request is small and does not take long; what is within that is untouched."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from workspace.config import heads
from workspace.config.heads import LARGEST, MOST_LINES, BoundedHeads

SOON = 0.3
GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
Application = Callable[[Any, Any, Any], Awaitable[None]]
Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answer(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def reader_of_bodies(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the length of the body and the cookies, once the body is whole."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    await answer(send, b"%d %s" % (length, dict(scope["headers"]).get(b"cookie", b"")))


async def refuser(scope: Any, receive: Any, send: Any) -> None:
    """Answers before it has read anything."""
    await answer(send, b"no")


async def thinker(scope: Any, receive: Any, send: Any) -> None:
    """Takes longer for its answer than a request may take to come."""
    await asyncio.sleep(3 * SOON)
    await answer(send, b"thought")


@asynccontextmanager
async def served(application: Application = reader_of_bodies) -> AsyncIterator[Opened]:
    """A connection to the application behind the protocol."""
    config = uvicorn.Config(application, http=BoundedHeads, lifespan="off", log_config=None, timeout_keep_alive=60)
    config.load()
    state = ServerState()

    def protocol() -> BoundedHeads:
        return BoundedHeads(config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        opened = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        try:
            yield opened
        finally:
            opened[1].close()
            with suppress(ConnectionError):
                await opened[1].wait_closed()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "SECONDS", SOON)
    monkeypatch.setattr(heads, "SECONDS_BEHIND", SOON)


async def said(opened: Opened, *sent: bytes) -> list[int]:
    """The statuses until the connection ends."""
    reader, writer = opened
    got = b""
    try:
        for each in sent:
            writer.write(each)
            await writer.drain()
        while chunk := await asyncio.wait_for(reader.read(65_536), 10):
            got += chunk
    except ConnectionError:  # closed with something unread
        pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]


async def bodies(opened: Opened, *sent: bytes) -> list[bytes]:
    """The bodies of so many answers as requests were sent."""
    reader, writer = opened
    for each in sent:
        writer.write(each)
    made = []
    for _ in sent:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length
        made.append(await reader.readexactly(int(length[1])))
    return made


async def dripping(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(SOON / 10)


# More than one read takes, so that it is not the whole of it that comes with what may be there.
LONG = b"a" * 1_000_000
LINES = b"X: a\r\n" * (MOST_LINES + 2)
ENDLESS = {
    "a head": GET + b"X: " + LONG,
    "a line": b"GET /" + LONG,
    "many lines": GET + LINES,
    "what follows a body": CHUNKED + b"2\r\n{}\r\n0\r\nX: " + LONG,
    "many lines behind a body": CHUNKED + b"2\r\n{}\r\n0\r\n" + LINES,
    "what is said of a chunk": CHUNKED + b"2;" + LONG,
}


@pytest.mark.parametrize("sent", ENDLESS.values(), ids=ENDLESS.keys())
async def test_what_has_no_end_is_refused(sent: bytes) -> None:
    async with served() as opened:
        assert await said(opened, sent) == [400]


@pytest.mark.usefixtures("hurried")
async def test_a_head_that_does_not_end_in_time_is_told_so() -> None:
    async with served() as opened:
        assert await said(opened, GET) == [408]


@pytest.mark.usefixtures("hurried")
async def test_a_connection_on_which_no_request_begins_is_closed_without_a_word() -> None:
    async with served() as opened:
        assert await said(opened) == []


@pytest.mark.usefixtures("hurried")
async def test_line_ends_behind_a_request_do_not_hold_its_connection() -> None:
    async with served() as opened:
        await bodies(opened, GET + b"\r\n")
        assert await said(opened, b"\r\n") == []


@pytest.mark.usefixtures("hurried")
async def test_whoever_goes_on_with_a_body_that_was_refused_is_cut() -> None:
    async with served(refuser) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000000\r\n\r\n")
        assert (await reader.readuntil(b"no")).startswith(b"HTTP/1.1 200")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(dripping(writer), 10)


@pytest.mark.usefixtures("hurried")
async def test_an_answer_may_take_longer_than_a_request() -> None:
    async with served(thinker) as opened:
        assert await bodies(opened, GET + b"\r\n") == [b"thought"]


async def test_bodies_and_many_small_requests_are_not_heads() -> None:
    body = b"a" * (4 * LARGEST)
    chunk = b"10\r\n" + b"a" * 16 + b"\r\n"
    async with served() as opened:
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        assert await bodies(opened, b"POST / HTTP/1.1\r\nHost: a.test\r\n" + length + body) == [b"%d " % len(body)]
        assert await bodies(opened, CHUNKED + chunk * LARGEST + b"0\r\nX: a\r\n\r\n") == [b"%d " % (16 * LARGEST)]
        some = [GET + b"X: " + b"a" * 1000 + b"\r\n\r\n"] * 100
        assert await bodies(opened, *some) == [b"0 "] * 100


@pytest.mark.parametrize("ways", [["identity", "chunked"], ["chunked", "chunked"], ["gzip, chunked"], ["chunked,"]])
async def test_a_body_is_in_chunks_or_has_a_length(ways: list[str]) -> None:
    lines = "".join(f"Transfer-Encoding: {way}\r\n" for way in ways)
    async with served() as opened:
        assert await said(opened, b"POST / HTTP/1.1\r\nHost: a.test\r\n" + lines.encode() + b"\r\n0\r\n\r\n") == [400]


async def test_chunks_may_follow_chunks() -> None:
    async with served() as opened:
        ask = CHUNKED.replace(b"chunked", b"Chunked ") + b"2\r\n{}\r\n0\r\n\r\n"
        assert await bodies(opened, ask, ask) == [b"2 ", b"2 "]


async def test_cookies_that_no_cookie_may_be_are_left_out() -> None:
    slow = b'x="' + b"\\0" * 20_000 + b'"'
    async with served() as opened:
        ask = GET + b"Cookie: a=b; " + slow + b"; c=d\r\n\r\n"
        assert await bodies(opened, ask, GET + b"Cookie: a=b\r\n\r\n") == [b"0 a=b; c=d", b"0 a=b"]
