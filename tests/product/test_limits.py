"""Requests that mean two things at once, never end or are too large: refused or cut, and nobody else waits."""

import asyncio
import contextlib
import json
import re
import time
from dataclasses import dataclass
from io import BytesIO

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
    Shape("a header without an end", GET + b"X: " + b"a" * 50_000_000, 400),
    Shape("ten thousand headers", GET + b"".join(b"X-%d: a\r\n" % i for i in range(10_000)) + b"\r\n", 400),
    Shape("a large cookie", GET + b"Cookie: a=" + b"b" * 70_000 + b"\r\n\r\n", 400),
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
        while chunk := await asyncio.wait_for(reader.read(65_536), patience if not said else 1.0):
            said += chunk
    writer.close()
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
async def test_a_shape_that_means_two_things_or_is_too_large_is_refused_once(court: Court, shape: Shape) -> None:
    assert await answered(court, shape.sent) == [shape.status]


async def test_a_request_behind_another_is_judged_by_itself(court: Court) -> None:
    ask = b"GET /api/me HTTP/1.1\r\nHost: HOST\r\n"
    statuses = await answered(court, ask + b"Authorization: Bearer TOKEN\r\n\r\n" + ask + b"\r\n" + GET + b"\r\n")

    assert statuses == [200, 401, 200]


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


async def test_json_that_is_made_to_cost_is_refused_or_read_at_once(court: Court) -> None:
    many = json.dumps({f"key-{i}": i for i in range(100_000)}).encode()
    nested = b"[" * 900_000 + b"]" * 900_000
    numbers = b'{"title": ' + b"9" * 1_900_000 + b"}"
    async with Client(court.product.url, court.token) as client:
        for body in (many, nested, numbers):
            began = time.monotonic()
            headers = {"Content-Type": "application/json"}
            url = f"{court.product.url}/api/conversations"
            async with client.session.post(url, data=BytesIO(body), headers=headers) as answer:
                assert answer.status == 400
            assert time.monotonic() - began < 2
