"""What stands still does no harm: a paused runner, a reader that stops reading, an engine that is gone for a while."""

import asyncio
import json
import os
import re
import signal
import socket
import time
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

import pytest

from tests.fakes.engines import engine_process
from tests.lanes import Say
from tests.product.client import Client, Event, text_of
from tests.product.conftest import Court
from tests.product.running import running_product
from tests.product.test_kills import check, reached, through

pytestmark = pytest.mark.kills

LEASE_SECONDS = 3
QUESTION = "Who sleeps in the hall? 眠り"
BESIDE = 4
# An id or two a line: 880,000 bytes of stream, of which kernel and web server take a third before it has to wait.
LONG, RATE = ("=" * 64 + "\n") * 9000, "300"
# What the web server takes itself, twice.
WRITTEN_AHEAD = 2 * 65_536
SOCKETS = Path("/proc/net/tcp")


async def test_a_runner_paused_for_longer_than_its_lease_writes_nothing_when_it_wakes(court: Court) -> None:
    async with Client(court.product.url, court.token) as client:
        conversation = await client.conversation()
        turn = (await client.ask(conversation, QUESTION))["turn"]
        seen: list[Event] = []
        follower = asyncio.create_task(client.follow(turn, seen, 60))
        await reached(seen, 20)
        paused = [court.product.pid("turns"), court.product.pid("turns-2")]
        # Whichever holds the run: one at a time is paused for longer than the lease, so the other takes it over.
        for pid in paused:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(LEASE_SECONDS * 1.5)
            os.kill(pid, signal.SIGCONT)
        await follower
        again: list[Event] = []
        await client.follow(turn, again, 10)

    check(seen[:20], seen, again)
    assert any(event.type == "resumed" for event in seen)
    assert text_of(seen) in court.finals(QUESTION)


async def test_with_its_only_engines_dead_a_turn_waits_and_goes_on_when_they_are_back(court: Court) -> None:
    def disaster() -> None:
        for engine in court.engines.values():
            engine.kill()
        time.sleep(1)
        for engine in court.engines.values():
            engine.start()

    await through(court, disaster, at_event=60)


@pytest.mark.slow
@pytest.mark.skipif(not SOCKETS.exists(), reason="what a socket holds is read where Linux shows it")
async def test_a_reader_that_stops_reading_delays_no_other_and_misses_nothing(say: Say, tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.write_text(LONG)
    options = ("--rate", RATE, "--say", str(said))
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        async with Client(product.url, product.owner_token()) as client:
            made = [await client.conversation() for _ in range(BESIDE + 1)]
            asked = await asyncio.gather(*(client.ask(c, "Tell me of the court") for c in made))
            stuck, *others = [answer["turn"] for answer in asked]
            with narrow_socket() as reader:
                await request_events(reader, client, stuck)
                seen: list[list[Event]] = [[] for _ in others]
                await asyncio.gather(*(client.follow(t, s, 120) for t, s in zip(others, seen, strict=True)))
                again = await client.follow(stuck, [], 60)
                held = held_by_kernel(reader)
                stream = await rest_of(reader)

    # The answer is over and written, and the server could send no more of it than the kernel holds: the rest waited.
    say(f"a reader that stopped: {held} of {len(stream)} bytes were on their way when the answer was over")
    assert 0 < held < len(stream) - WRITTEN_AHEAD
    data = [json.loads(line) for line in re.findall(rb"^data: (.*)$", stream, re.MULTILINE)]
    assert [int(number) for number in re.findall(rb"^id: (\d+)$", stream, re.MULTILINE)] == [e.sequence for e in again]
    assert data == [event.data for event in again]
    assert [s[-1].type for s in [*seen, again]] == ["done"] * (BESIDE + 1)
    gaps = [b.at - a.at for s in seen for a, b in pairwise(s) if b.type == "text"]
    # A token comes every few milliseconds; nobody waits for the one who does not read.
    assert quantiles(gaps, n=20)[-1] < 0.5


def narrow_socket() -> socket.socket:
    """A socket that lets little be sent to it: on loopback, large segments alone make the sender buffer 2.6 MB."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    made.setblocking(False)
    return made


async def request_events(reader: socket.socket, client: Client, turn: str) -> None:
    host, port = client.url.removeprefix("http://").split(":")
    authorization = client.session.headers["Authorization"]
    lines = [f"GET /api/turns/{turn}/events HTTP/1.1", f"Host: {host}", f"Authorization: {authorization}", "", ""]
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, ((await loop.getaddrinfo(host, int(port), family=socket.AF_INET))[0][4]))
    await loop.sock_sendall(reader, "\r\n".join(lines).encode())


def held_by_kernel(reader: socket.socket) -> int:
    """Bytes that were sent to the reader and not read: unacknowledged at the server's end, or waiting at its own."""
    own, other = (f":{address[1]:04X}" for address in (reader.getsockname(), reader.getpeername()))
    held = 0
    for line in SOCKETS.read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        sending, receiving = (int(queue, 16) for queue in queues.split(":"))
        if local.endswith(other) and remote.endswith(own):
            held += sending
        elif local.endswith(own) and remote.endswith(other):
            held += receiving
    return held


async def rest_of(reader: socket.socket) -> bytes:
    """The body from its begin to its end, without the sizes of its chunks; a chunk is one or more whole events."""
    received = b""
    async with asyncio.timeout(60):
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += await asyncio.get_running_loop().sock_recv(reader, 65536)
    body = received.partition(b"\r\n\r\n")[2]
    return b"".join(body.split(b"\r\n")[1::2])
