"""Requests that mean two things at once, never end or are too large: refused or cut, and nobody else waits."""

import asyncio
import contextlib
import gzip
import json
import re
import time
from dataclasses import dataclass

import pytest

from tests.bench import processes
from tests.lanes import Say
from tests.product.client import Client
from tests.product.conftest import Court
from workspace.config import heads

pytestmark = pytest.mark.kills

# What follows in the same bytes, and must never be taken for a request of its own.
HIDDEN = b"GET /hidden-behind HTTP/1.1\r\nHost: HOST\r\n\r\n"
GET = b"GET /health/live HTTP/1.1\r\nHost: HOST\r\n"
POST = (
    b"POST /api/conversations HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\n"
    b"Content-Type: application/json\r\n"
)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"title": "a"}'
# Megabytes that web may have grown by when all of it is over.
GROWTH = 30
SLOW, STEP = 60, 0.05
# Seconds without another word after which a connection has said all.
PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What is sent on one connection, and with what it is answered; 0 where the connection may just end."""

    name: str
    sent: bytes
    status: int


SHAPES = [
    Shape("two lengths of the body", POST + b"Content-Length: 6\r\n" + CHUNKED + b"0\r\n\r\n" + HIDDEN, 400),
    Shape("two different lengths", POST + b"Content-Length: 14\r\nContent-Length: 15\r\n\r\n" + BODY + HIDDEN, 400),
    Shape("chunked and something else", POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    Shape("nearly chunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    Shape("a blank before the colon", POST + b"Content-Length : 14\r\n\r\n" + BODY + HIDDEN, 400),
    Shape("a line folded", GET + b"X: a\r\n b\r\n\r\n", 400),
    Shape("lines without their first half", GET.replace(b"\r\n", b"\n") + b"\n", 400),
    Shape("a NUL", GET + b"X: a\x00b\r\n\r\n", 400),
    Shape("a length below nothing", POST + b"Content-Length: -1\r\n\r\n" + HIDDEN, 400),
    Shape("a length with a sign", POST + b"Content-Length: +14\r\n\r\n" + BODY + HIDDEN, 400),
    Shape("a chunk beyond every integer", POST + CHUNKED + b"fffffffffffffffff\r\n" + HIDDEN, 400),
    Shape("another host", GET.replace(b"HOST", b"evil.test") + b"\r\n", 400),
    Shape("two hosts", GET + b"Host: evil.test\r\n\r\n", 400),
    Shape("a tunnel", b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n", 400),
    Shape("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Shape("a large line", b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
    Shape("a large header", GET + b"X: " + b"a" * 100_000 + b"\r\n\r\n", 400),
    Shape("a header without an end", GET + b"X: " + b"a" * 5_000_000, 400),
    Shape("ten thousand headers", GET + b"".join(b"X-%d: a\r\n" % i for i in range(10_000)) + b"\r\n", 400),
    Shape("a large cookie", GET + b"Cookie: a=" + b"b" * 70_000 + b"\r\n\r\n", 400),
    Shape("no end behind a body", POST + CHUNKED + b"0\r\nX: " + b"a" * 5_000_000, 400),
    Shape("no end behind a chunk's size", POST + CHUNKED + b"2;" + b"a" * 5_000_000, 400),
    Shape("the same length twice", POST + b"Content-Length: 14\r\nContent-Length: 14\r\n\r\n" + BODY + HIDDEN, 400),
    Shape("a list of lengths", POST + b"Content-Length: 14, 14\r\n\r\n" + BODY + HIDDEN, 400),
    Shape("two ways of writing", POST + b"Transfer-Encoding: identity\r\n" + CHUNKED + b"0\r\n\r\n" + HIDDEN, 400),
    Shape("chunks without their first half", POST + CHUNKED + b"2\n{}\n0\n\n" + HIDDEN, 400),
    Shape("a chunk longer than it says", POST + CHUNKED + b"2\r\n{}XX0\r\n\r\n" + HIDDEN, 400),
    Shape("a chunk's size with a sign", POST + CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n" + HIDDEN, 400),
    Shape("half a line end", GET + b"X: a\rY: b\r\n\r\n", 400),
    Shape("a first line folded", GET.replace(b"\r\n", b"\r\n X: a\r\n", 1) + b"\r\n", 400),
    Shape("a method that is none", GET.replace(b"GET", b"G\x00T") + b"\r\n", 400),
    Shape("a declared gigabyte", POST + b"Content-Length: 1000000000\r\n\r\n" + BODY, 413),
    Shape("a compressed body", POST + b"Content-Encoding: gzip\r\nContent-Length: 14\r\n\r\n\x1f\x8b" + bytes(12), 400),
]  # fmt: skip


async def answered(court: Court, sent: bytes, patience: float = 10.0) -> list[int]:
    """The statuses that come back on one connection until it ends, or nothing comes for a while."""
    host = court.product.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(sent.replace(b"HOST", host.encode()).replace(b"TOKEN", court.token.encode()))
    said = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        while chunk := await asyncio.wait_for(reader.read(65_536), patience if not said else PAUSE):
            said += chunk
    writer.close()
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
async def test_a_shape_that_means_two_things_or_is_too_large_is_refused_once(court: Court, shape: Shape) -> None:
    assert await answered(court, shape.sent) == [shape.status]


async def test_a_request_behind_another_is_judged_by_itself(court: Court) -> None:
    ask = b"GET /api/me HTTP/1.1\r\nHost: HOST\r\n"
    refused = POST.replace(b"TOKEN", b"none") + b"Content-Length: 14\r\n\r\n" + BODY
    known = ask + b"Authorization: Bearer TOKEN\r\n\r\n"

    assert await answered(court, refused + known + ask + b"\r\n" + GET + b"\r\n") == [401, 200, 401, 200]


@pytest.mark.slow
async def test_heads_that_never_end_are_cut_and_nobody_waits_for_them(court: Court, say: Say) -> None:
    """Each sends a byte now and then; connections on which nothing comes end as well."""
    host = court.product.url.removeprefix("http://")
    before = await asyncio.to_thread(processes.proportional_memory, court.product)
    opened = [await asyncio.open_connection(*host.split(":")) for _ in range(SLOW)]
    began, slowest = time.monotonic(), 0.0

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        with contextlib.suppress(ConnectionError):
            for byte in GET + b"X-Slow: " + b"a" * 10_000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(STEP)
        return await reader.read()

    dripping = [asyncio.create_task(drip(*each)) for each in opened[: SLOW // 2]]
    idle = [asyncio.create_task(reader.read()) for reader, _ in opened[SLOW // 2 :]]
    async with Client(court.product.url, court.token) as client:
        while not all(task.done() for task in idle):
            asked = time.monotonic()
            await client.call("GET", "/api/me")
            slowest = max(slowest, time.monotonic() - asked)
            await asyncio.sleep(0.2)
            assert time.monotonic() - began < heads.SECONDS + 10
        said = await asyncio.gather(*dripping, return_exceptions=True)
    for _, writer in opened:
        writer.close()
    after = await asyncio.to_thread(processes.proportional_memory, court.product)

    say(f"{SLOW} heads without an end: others waited {slowest * 1000:.0f} ms at most, cut after {heads.SECONDS:.0f} s")
    assert slowest < 1
    assert all(each.startswith(b"HTTP/1.1 408") for each in said if not isinstance(each, BaseException))
    assert {type(each) for each in said} <= {bytes, ConnectionResetError, BrokenPipeError}
    assert {await each for each in idle} == {b""}
    assert after["web"] - before["web"] < GROWTH


TOKEN = b"a" * 32
FORM = b"POST /sign-in HTTP/1.1\r\nHost: HOST\r\nCookie: atrium_csrf=" + TOKEN + b"\r\nX-CSRFToken: " + TOKEN + b"\r\n"
PAGE = b"GET /sign-in HTTP/1.1\r\nHost: HOST\r\n"
FIELDS = b"Content-Type: application/x-www-form-urlencoded\r\n"
PARTS = b"Content-Type: multipart/form-data; boundary=b\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="a%d"%s\r\n\r\nx\r\n'


def whole(head: bytes, body: bytes) -> bytes:
    """A request with a body, as long as it may be or a little less."""
    assert len(body) < 2 * 1024 * 1024
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def costly() -> list[Shape]:
    """Made anew, for it is forty megabytes."""
    packed = gzip.compress(bytes(50_000_000))
    me = GET.replace(b"/health/live", b"/api/me")
    return [
        Shape("many names", whole(POST, json.dumps({f"key-{i}": i for i in range(100_000)}).encode()), 400),
        Shape("many faulty names", whole(POST, json.dumps({f"\1{i}": i for i in range(80_000)}).encode()), 400),
        Shape("one name often", whole(POST, b"{" + b'"k": 1,' * 200_000 + b'"k": 1}'), 400),
        Shape("a long list", whole(POST, b'{"title": [' + b"1," * 900_000 + b"1]}"), 400),
        Shape("lists in lists", whole(POST, b"[" * 900_000 + b"]" * 900_000), 400),
        Shape("a long number", whole(POST, b'{"title": ' + b"9" * 1_900_000 + b"}"), 400),
        Shape("a text without an end", whole(POST, b'{"title": "' + b"\\" * 1_900_000), 400),
        Shape("compressed to a hundredth", whole(POST + b"Content-Encoding: gzip\r\n", packed), 400),
        Shape("many fields", whole(FORM + FIELDS, b"&".join(b"k%d=" % i for i in range(200_000))), 400),
        Shape("fields without a name", whole(FORM + FIELDS, b"&" * 2_000_000), 400),
        Shape("a long password", whole(FORM + FIELDS, b"login=a@b.test&password=" + b"a" * 1_900_000), 200),
        Shape("a long address", whole(FORM + FIELDS, b"password=a&login=" + b"a@" * 900_000), 200),
        Shape("many parts", whole(FORM + PARTS, b"".join(PART % (i, b"") for i in range(30_000)) + b"--b--\r\n"), 400),
        Shape("many files", whole(FORM + PARTS, b"".join(PART % (i, b'; filename="f"') for i in range(20_000))), 400),
        Shape("a part's head without an end", whole(FORM + PARTS, PART % (0, b"; a=b" * 300_000) + b"--b--\r\n"), 400),
        Shape("parts of nothing", whole(FORM + PARTS, b"--b\r\n\r\n" * 200_000), 400),
        Shape("many languages", PAGE + b"Accept-Language: " + b"a-" * 30_000 + b"\r\n\r\n", 200),
        Shape("many cookies", PAGE + b"Cookie: " + b"a=b;" * 15_000 + b"\r\n\r\n", 200),
        Shape("a cookie of backslashes", PAGE + b'Cookie: a="' + b"\\0" * 30_000 + b'"\r\n\r\n', 200),
        Shape("many ranges", PAGE + b"Range: bytes=" + b"0-1," * 15_000 + b"\r\n\r\n", 200),
        Shape("a long token", me + b"Authorization: Bearer " + TOKEN * 2000 + b"\r\n\r\n", 401),
        Shape("a long query", GET.replace(b"live", b"live?" + b"a=1&" * 15_000) + b"\r\n", 200),
    ]  # fmt: skip


async def test_what_is_made_to_cost_is_over_soon_and_nobody_waits_for_it(court: Court, say: Say) -> None:
    before = await asyncio.to_thread(processes.proportional_memory, court.product)
    waited, took = 0.0, dict[str, float]()
    async with Client(court.product.url, court.token) as client:
        for shape in costly():
            began = time.monotonic()
            once = shape.sent.replace(b"Host: HOST", b"Host: HOST\r\nConnection: close")
            sent = asyncio.create_task(answered(court, once))
            while not sent.done():
                asked = time.monotonic()
                await client.call("GET", "/api/me")
                waited = max(waited, time.monotonic() - asked)
                await asyncio.sleep(0.02)
            assert (shape.name, await sent) == (shape.name, [shape.status])
            took[shape.name] = time.monotonic() - began
    grown = (await asyncio.to_thread(processes.proportional_memory, court.product))["web"] - before["web"]

    longest = max(took, key=lambda name: took[name])
    say(
        f"{len(took)} requests made to cost: {longest} took longest, {took[longest]:.1f} s; "
        f"others waited {waited * 1000:.0f} ms at most; web {grown:+.1f} MB"
    )
    assert waited < 1
    assert took[longest] < 2
    assert grown < GROWTH
