"""What stands still does no harm: a paused runner, a reader that stops reading, an engine that is gone for a while."""

import asyncio
import json
import os
import re
import signal
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
from tests.product.slow_reader import SOCKETS, held_by_kernel, narrow_socket, request_events, rest_of
from tests.product.test_kills import check, reached, through

pytestmark = pytest.mark.kills

LEASE_SECONDS = 3
QUESTION = "Who sleeps in the hall? 眠り"
BESIDE = 4
# An id or two a line: 880,000 bytes of stream, of which kernel and web server take a third before it has to wait.
LONG, RATE = ("=" * 64 + "\n") * 9000, "300"
# What the web server takes itself, twice.
WRITTEN_AHEAD = 2 * 65_536


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
