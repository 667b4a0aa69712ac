"""What stands still does no harm: a paused runner, a reader that stops reading, an engine that is gone for a while."""

import asyncio
import os
import signal
import time
from itertools import pairwise
from statistics import quantiles

import pytest

from tests.product.client import Client, Event, text_of
from tests.product.conftest import Court
from tests.product.test_kills import check, reached, through

pytestmark = pytest.mark.kills

LEASE_SECONDS = 3
STOPPED_READING_SECONDS = 60
BESIDE = 9


async def test_a_runner_paused_for_longer_than_its_lease_writes_nothing_when_it_wakes(court: Court) -> None:
    async with Client(court.product.url, court.token) as client:
        conversation = await client.conversation()
        question = f"Who sleeps in hall {conversation}? 眠り"
        turn = (await client.ask(conversation, question))["turn"]
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
    assert text_of(seen) in court.finals(question)


async def test_with_its_only_engines_dead_a_turn_waits_and_goes_on_when_they_are_back(court: Court) -> None:
    def disaster() -> None:
        for engine in court.engines.values():
            engine.kill()
        time.sleep(1)
        for engine in court.engines.values():
            engine.start()

    await through(court, disaster, at_event=60)


@pytest.mark.slow
async def test_a_reader_that_stops_reading_delays_no_other(court: Court) -> None:
    async with Client(court.product.url, court.token) as client:
        made = [await client.conversation() for _ in range(BESIDE + 1)]
        asked = await asyncio.gather(*(client.ask(c, "Tell me of the court") for c in made))
        stuck, *others = [answer["turn"] for answer in asked]
        host, port = court.product.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1)
        request = [f"GET /api/turns/{stuck}/events HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {court.token}"]
        writer.write("\r\n".join([*request, "", ""]).encode())
        seen: list[list[Event]] = [[] for _ in others]
        began = time.monotonic()
        await asyncio.gather(*(client.follow(t, s, 120) for t, s in zip(others, seen, strict=True)))
        gaps = [b.at - a.at for s in seen for a, b in pairwise(s) if b.type == "text"]
        await asyncio.sleep(max(0, STOPPED_READING_SECONDS - (time.monotonic() - began)))
        again: list[Event] = []
        await client.follow(stuck, again, 30)
        writer.close()
        del reader

    assert all(s[-1].type == "done" for s in seen)
    assert again[-1].type == "done"
    # At 20 tokens/s one comes every 50 ms; nobody waits for the one who does not read.
    assert quantiles(gaps, n=20)[-1] < 0.5
