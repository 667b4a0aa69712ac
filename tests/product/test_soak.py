"""Many people, mixed use, and a kill each minute: nothing is lost, nothing grows, nothing gets slower, no log knows.

SOAK is the length in seconds. An hour of fifty people is a chapter of `make proof`.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

import pytest

from tests.bench import processes
from tests.fakes.engines import EngineProcess, both_kinds
from tests.lanes import Say
from tests.product.client import Client
from tests.product.people import MARKER, Diary, Person
from tests.product.running import Product, running_product
from tests.product.visitor import Visitor
from tests.proof.rounds import drawn

pytestmark = pytest.mark.kills

SECONDS = int(os.environ.get("SOAK", "25"))
IS_LONG = SECONDS >= 600
PEOPLE, BROWSERS = (50, 10) if IS_LONG else (4, 1)
THINK = (4.0, 12.0) if IS_LONG else (0.1, 0.5)
KILL_EVERY = 60 if IS_LONG else 8
PARTS = ("web", "turns", "turns-2", "worker", "postgres", "valkey", "llamacpp", "vllm")
PASSWORD = "a long enough pass phrase"
# What is slow while a process is being replaced is a matter of kills, and has its own promise.
AFTER_A_KILL = 15
# Signing in is limited to ten times a minute from one address.
BETWEEN_SIGN_INS = 6.5 if IS_LONG else 0.0
# The database connections that each may hold at most (docs/operations.md).
WATCHED = {"web": 11, "turns": 14, "turns-2": 14, "worker": 16}


@dataclass(slots=True)
class Watch:
    """What was looked at from outside while the people lived: each kill's time, memory and connections of each part."""

    kills: list[float] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)
    connections: dict[str, list[int]] = field(default_factory=dict)
    words_in_logs: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, EngineProcess]]:
    with both_kinds("--rate", "50", "--tokens", "100") as both:
        yield both


@pytest.fixture(scope="module")
def product(engines: dict[str, EngineProcess]) -> Iterator[Product]:
    settings = {"ENGINE_URL": ",".join(engine.url for engine in engines.values()), "ATRIUM_TURNS": "2"}
    with running_product(settings) as running:
        running.owner_token()
        yield running


def killed(product: Product, engines: dict[str, EngineProcess], name: str) -> None:
    if name in engines:
        engines[name].kill()
        engines[name].start()
    else:
        product.kill(name)


def log_of(product: Product) -> str:
    """All that the product has logged and not trimmed yet."""
    files = [*(product.home / "logs").rglob("*"), product.home / "up.log"]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file())


def look(product: Product, diary: Diary, watch: Watch) -> None:
    for part, megabytes in processes.proportional_memory(product).items():
        watch.memory.setdefault(part, []).append(megabytes)
    for part, held in processes.connections_of(product, WATCHED).items():
        watch.connections.setdefault(part, []).append(held)
    log = log_of(product)
    # Enough of an answer that it stands nowhere by chance.
    pieces = [text[10:40] for text in diary.answers[-200:] if len(text) > 50]
    watch.words_in_logs |= {word for word in (MARKER, *pieces) if word in log}


async def trouble(product: Product, engines: dict[str, EngineProcess], diary: Diary, watch: Watch) -> None:
    """Kills a part, waits, and looks, for ever."""
    chance = drawn("soak", SECONDS)
    while True:
        await asyncio.sleep(KILL_EVERY)
        await asyncio.to_thread(look, product, diary, watch)
        name = chance.choice(PARTS)
        watch.kills.append(time.monotonic())
        await asyncio.to_thread(killed, product, engines, name)
        turns = sum(diary.done.values())
        sys.stderr.write(f"soak: {len(watch.kills)} kills, now {name}; {turns} deeds; {dict(diary.interruptions)}\n")


def thirds(measured: list[float]) -> tuple[list[float], list[float]]:
    """The first and the last third, after a warm-up of a fifth."""
    warm = measured[len(measured) // 5 :]
    third = max(len(warm) // 3, 1)
    return warm[:third], warm[-third:]


def growth(timed: list[tuple[float, float]], kills: list[float]) -> tuple[float, float]:
    """The 95th percentile in the first and in the last third, in milliseconds, without what kills delayed."""
    calm = [took for at, took in sorted(timed) if not any(kill - 5 < at < kill + AFTER_A_KILL for kill in kills)]
    first, last = ((quantiles(part, n=20)[-1] if len(part) > 1 else part[0]) * 1000 for part in thirds(calm))
    return first, last


async def test_people_and_kills_lose_nothing_grow_nothing_and_no_log_knows(
    product: Product, engines: dict[str, EngineProcess], say: Say
) -> None:
    emails = [f"person-{number}@example.org" for number in range(PEOPLE)]
    members = zip(emails, product.members(emails, PASSWORD), strict=True)
    diary, watch = Diary(), Watch()
    async with AsyncExitStack() as clients:
        people = []
        for number, (email, token) in enumerate(members):
            client = Visitor(product.url) if number < BROWSERS else Client(product.url, token)
            await clients.enter_async_context(client)
            if isinstance(client, Visitor):
                await client.sign_in(email, PASSWORD)
                await asyncio.sleep(BETWEEN_SIGN_INS)
            people.append(Person(client, drawn("person", number), diary))
        troubled = asyncio.create_task(trouble(product, engines, diary, watch))
        until = time.monotonic() + SECONDS
        lives = await asyncio.gather(*(person.live(until, THINK) for person in people), return_exceptions=True)
        if not troubled.cancel():
            await troubled  # raises what ended the kills too early
        found = [await person.check_all() for person in people]
    await asyncio.to_thread(look, product, diary, watch)

    report(say, diary, watch, sum(found))
    assert [life for life in lives if life is not None] == []
    assert watch.words_in_logs == set()
    assert sum(found) > PEOPLE
    assert product.manage("verify_audit")
    assert {part: held for part, held in watch.connections.items() if max(held) > WATCHED[part]} == {}
    if IS_LONG:
        assert grown(diary, watch) == []


def grown(diary: Diary, watch: Watch) -> list[str]:
    """What did not stay as it was in the first third."""
    found = []
    for part in WATCHED:
        first, last = (median(third) for third in thirds(watch.memory[part]))
        if last > 1.1 * first:
            found.append(f"memory of {part}: {first:.1f} to {last:.1f} MB")
    for name, timed in (("first word", diary.first_words), ("page", diary.pages)):
        early, late = growth(timed, watch.kills)
        if late > 1.5 * early:
            found.append(f"{name} p95: {early:.0f} to {late:.0f} ms")
    return found


def report(say: Say, diary: Diary, watch: Watch, found: int) -> None:
    deeds = ", ".join(f"{name} {count}" for name, count in diary.done.most_common())
    say(f"soak: {SECONDS} s, {PEOPLE} people, {len(watch.kills)} kills; {found} messages found again; {deeds}")
    say(f"soak: interruptions that clients rode out: {dict(diary.interruptions)}")
    for part in WATCHED:
        first, last = (median(third) for third in thirds(watch.memory[part]))
        held = max(watch.connections[part])
        say(f"soak: {part}, first and last third: {first:.1f} and {last:.1f} MB; at most {held} database connections")
    for name, timed in (("first word", diary.first_words), ("page", diary.pages)):
        if len(timed) > 20:
            first, last = growth(timed, watch.kills)
            every = quantiles([took for _, took in timed], n=20)[-1] * 1000
            say(f"soak: {name} p95, first and last third: {first:.0f} and {last:.0f} ms; with kills {every:.0f} ms")
