"""Streaming through the whole product against straight from the engine: 50 streams of 50 tokens/s, and one alone."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from tests.bench import direct, processes
from tests.bench.direct import RAMP, Stream
from tests.bench.figures import Figure
from tests.fakes.engines import engine_process
from tests.product.client import Client, Event
from tests.product.running import Product, running_product

RATE, TOKENS, STREAMS, ROUNDS = 50, 200, 50, 3


async def _one(client: Client, conversation: str, delay: float) -> Stream:
    await asyncio.sleep(delay)
    asked = time.monotonic()
    seen: list[Event] = []
    turn = (await client.ask(conversation, f"What is in the court? {asked}"))["turn"]
    await client.follow(turn, seen, 120)
    assert seen[-1].type == "done", seen[-1]
    text = [event.at for event in seen if event.type == "text"]
    return Stream(asked, text[0], text[-1], TOKENS)


async def through(client: Client, count: int) -> list[Stream]:
    """That many turns, each in a conversation of its own, begun one after another within the ramp."""
    made = [await client.conversation() for _ in range(count)]
    return await asyncio.gather(*(_one(client, c, RAMP * i / count) for i, c in enumerate(made)))


@dataclass(slots=True)
class Measured:
    """What the rounds brought, by number of streams; `spent` is processor seconds by part."""

    ours: dict[int, list[Stream]] = field(default_factory=lambda: {1: [], STREAMS: []})
    theirs: dict[int, list[Stream]] = field(default_factory=lambda: {1: [], STREAMS: []})
    spent: Counter[str] = field(default_factory=Counter)
    connections: int = 0


async def measure(product: Product, engine: str, token: str) -> Measured:
    """Three rounds; in each, the engine alone and then the product, first with one stream and then with all."""
    found = Measured()
    async with Client(product.url, token) as client:
        await through(client, 5)  # warm
        for _ in range(ROUNDS):
            for count in (1, STREAMS):
                found.theirs[count] += await direct.streams(engine, count)
                before = await asyncio.to_thread(processes.processor_seconds, product)
                load = asyncio.create_task(through(client, count))
                await asyncio.sleep(RAMP + TOKENS / RATE / 2)
                held = await asyncio.to_thread(processes.database_connections, product, "web")
                found.connections = max(found.connections, held)
                found.ours[count] += await load
                if count == STREAMS:
                    after = await asyncio.to_thread(processes.processor_seconds, product)
                    found.spent.update({name: after[name] - before[name] for name in after})
    return found


def figures(found: Measured) -> Iterator[Figure]:
    """The promises of the core, each beside what the engine alone did."""
    for count, goal in ((1, 20.0), (STREAMS, 60.0)):
        mine = median([s.to_first for s in found.ours[count]]) * 1000
        base = median([s.to_first for s in found.theirs[count]]) * 1000
        yield Figure(f"first_token_ms_{count}_streams", mine, "ms", baseline=base)
        yield Figure(f"first_token_over_direct_{count}_streams", mine - base, "ms", goal=goal)
    rate, base = (median([s.rate for s in side[STREAMS]]) for side in (found.ours, found.theirs))
    yield Figure(f"token_rate_{STREAMS}_streams", rate, "tokens/s", baseline=base)
    yield Figure(f"token_rate_over_direct_{STREAMS}_streams", 100 * rate / base, "%", goal=97, more_is_better=True)
    tokens = ROUNDS * STREAMS * TOKENS
    for part, seconds in found.spent.items():
        yield Figure(f"processor_time_per_token_{part}", 1e6 * seconds / tokens, "us")
    yield Figure("processor_time_per_token", 1e6 * sum(found.spent.values()) / tokens, "us", goal=250)
    yield Figure("database_connections_of_web", found.connections, "connections", goal=10)


def memory(product: Product, when: str) -> Iterator[Figure]:
    """PSS by part, and together."""
    parts = processes.proportional_memory(product)
    for name, megabytes in parts.items():
        yield Figure(f"memory_{when}_{name}", megabytes, "MB PSS")
    yield Figure(f"memory_{when}_together", sum(parts.values()), "MB PSS", goal=500)


def run() -> Iterator[Figure]:
    """Starts a product of its own in front of a fake engine and yields the figures."""
    options = ("--kind", "vllm", "--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        yield from memory(product, "idle")
        yield from figures(asyncio.run(measure(product, engine.url, product.owner_token())))
        yield from memory(product, "after_load")
