"""No committed token is lost: processes die in the middle of three answers, and every answer arrives whole."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations

import pytest

from tests.lanes import Say
from tests.product.client import Client, Event, text_of
from tests.product.conftest import RATE, TOKENS, Court
from tests.proof.rounds import drawn, every_round

pytestmark = pytest.mark.kills

TURNS = 3
# Some tokens of an answer end inside a character, so 200 of them may make as few as 165 events.
EVENTS = (20, 150)
# The promise: done within 15 s of the kill, plus the time that the rest of the answer takes at the engine's rate.
TAKEOVER_SECONDS = 15
ANALYSIS = 12
# The engines by their kinds: while one is dead, the other goes on.
PARTS = ("web", "turns", "postgres", "valkey", "worker", "llamacpp", "vllm")


async def three_turns(client: Client) -> dict[str, str]:
    """Three questions at once, each in a conversation of its own: the question of each turn."""
    made = [await client.conversation() for _ in range(TURNS)]
    questions = [f"What is in hall {c}? 光とΣ" for c in made]
    asked = await asyncio.gather(*(client.ask(c, question) for c, question in zip(made, questions, strict=True)))
    return {answer["turn"]: question for answer, question in zip(asked, questions, strict=True)}


async def reached(seen: list[Event], count: int) -> None:
    """Returns when that many events were seen."""
    async with asyncio.timeout(30):
        while len(seen) < count:
            await asyncio.sleep(0.01)


async def through(court: Court, disaster: Callable[[], float | None], at_event: int) -> float:
    """Asks, lets the disaster happen in mid-answer, and checks every promise. Returns the seconds over the engine's,
    and over those that the disaster says it lasted.
    """
    async with Client(court.product.url, court.token) as client:
        turns = await three_turns(client)
        seen: list[list[Event]] = [[] for _ in turns]
        allowed = 2 * (TOKENS + ANALYSIS) / RATE + TAKEOVER_SECONDS + 30
        followers = [asyncio.create_task(client.follow(t, s, allowed)) for t, s in zip(turns, seen, strict=True)]
        await reached(seen[0], at_event)
        before = [list(s) for s in seen]
        began = time.monotonic()
        began += await asyncio.to_thread(disaster) or 0
        await asyncio.gather(*followers)
        left = max(1 - len(text_of(was)) / len(text_of(now)) for was, now in zip(before, seen, strict=True))
        over = max(s[-1].at for s in seen) - began - left * TOKENS / RATE
        for turn, was, now in zip(turns, before, seen, strict=True):
            again: list[Event] = []
            await client.follow(turn, again, 30)
            check(was, now, again)
        for question, now in zip(turns.values(), seen, strict=True):
            assert text_of(now) in court.finals(question)
        for turn in turns:
            state = await client.call("GET", f"/api/turns/{turn}")
            assert state["status"] == "done"
        assert over <= TAKEOVER_SECONDS
        return over


def check(before: list[Event], now: list[Event], again: list[Event]) -> None:
    """Without gap, final, and what was seen is what is replayed."""
    assert [e.sequence for e in now] == list(range(1, len(now) + 1))
    assert now[: len(before)] == before
    assert again == now
    assert now[-1].type == "done", now[-1]
    offsets = [e for e in now if e.type == "text"]
    assert [e.data["at"] for e in offsets] == [len(text_of(offsets[:i])) for i in range(len(offsets))]


@contextmanager
def doomed(court: Court, names: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    """Yields what kills them all in one moment: parts of the product, which it starts again itself, and engines."""
    engines = [court.engines[name] for name in names if name in court.engines]
    pids = [court.product.pid(name) for name in names if name not in court.engines]

    def kill() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for engine in engines:
            engine.kill()
        if not court.living():  # whoever runs engines starts them again
            for engine in engines:
                engine.start()

    try:
        yield kill
    finally:
        for engine in engines:
            if not engine.is_running:
                engine.start()


async def killed(court: Court, names: tuple[str, ...], number: int, say: Say) -> None:
    at_event = drawn("kill", *names, number).randint(*EVENTS)
    with doomed(court, names) as kill:
        over = await through(court, kill, at_event)
    say(
        f"kill {' and '.join(names)} round {number} at event {at_event}: {over:+.1f} s over the engine's own time",
        seconds_over=round(over, 2),
    )


@every_round()
@pytest.mark.parametrize("name", PARTS)
async def test_a_killed_process_loses_no_token(court: Court, name: str, number: int, say: Say) -> None:
    await killed(court, (name,), number, say)


@every_round()
async def test_two_killed_at_once_lose_no_token(court: Court, number: int, say: Say) -> None:
    pairs = list(combinations(PARTS, 2))
    drawn("pairs").shuffle(pairs)
    await killed(court, pairs[number % len(pairs)], number, say)
