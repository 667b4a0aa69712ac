"""Streaming through the whole product against straight from the engine: 50 streams of 50 tokens/s, and one alone."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median

from tests.bench import direct, processes
from tests.bench.direct import Stream
from tests.bench.figures import Figure
from tests.fakes.engines import engine_process
from tests.product.client import Client, Event
from tests.product.running import Product, running_product

RATE, TOKENS, STREAMS, ROUNDS = 50, 200, 50, 3


async def _one(client: Client, conversation: str) -> Stream:
    asked = time.monotonic()
    seen: list[Event] = []
    turn = (await client.ask(conversation, f"What is in the court? {asked}"))["turn"]
    await client.follow(turn, seen, 120)
    assert seen[-1].type == "done", seen[-1]
    text = [event.at for event in seen if event.type == "text"]
    return Stream(asked, text[0], text[-1], TOKENS)


async def through(client: Client, count: int) -> list[Stream]:
    """That many turns at once, each in a conversation of its own."""
    made = [await client.conversation() for _ in range(count)]
    return await asyncio.gather(*(_one(client, conversation) for conversation in made))


async def measured(product: Product, engine: str, token: str) -> Iterator[Figure]:
    ours: dict[int, list[Stream]] = {1: [], STREAMS: []}
    theirs: dict[int, list[Stream]] = {1: [], STREAMS: []}
    spent, connections = 0.0, 0
    async with Client(product.url, token) as client:
        await through(client, 5)  # warm
        for _ in range(ROUNDS):
            for count in (1, STREAMS):
                theirs[count] += await direct.streams(engine, count)
                before = await asyncio.to_thread(processes.processor_seconds, product)
                load = asyncio.create_task(through(client, count))
                if count == STREAMS:
                    await asyncio.sleep(TOKENS / RATE / 2)
                    held = await asyncio.to_thread(processes.database_connections, product, "web")
                    connections = max(connections, held)
                ours[count] += await load
                if count == STREAMS:
                    spent += await asyncio.to_thread(processes.processor_seconds, product) - before
    return figures(ours, theirs, spent / (ROUNDS * STREAMS * TOKENS), connections)


def figures(
    ours: dict[int, list[Stream]], theirs: dict[int, list[Stream]], per_token: float, connections: int
) -> Iterator[Figure]:
    for count, goal in ((1, None), (STREAMS, 60.0)):
        mine = median([s.to_first for s in ours[count]]) * 1000
        base = median([s.to_first for s in theirs[count]]) * 1000
        yield Figure(f"first_token_ms_{count}_streams", mine, "ms", baseline=base)
        yield Figure(f"first_token_over_direct_{count}_streams", mine - base, "ms", goal=goal)
    rate, base = median([s.rate for s in ours[STREAMS]]), median([s.rate for s in theirs[STREAMS]])
    yield Figure(f"token_rate_{STREAMS}_streams", rate, "tokens/s", baseline=base)
    yield Figure(f"token_rate_over_direct_{STREAMS}_streams", 100 * rate / base, "%", goal=97, more_is_better=True)
    yield Figure("processor_time_per_token", per_token * 1e6, "us", goal=250)
    yield Figure("database_connections_of_web", connections, "connections", goal=10)


def run() -> Iterator[Figure]:
    """Starts a product of its own in front of a fake engine and yields the figures."""
    options = ("--kind", "vllm", "--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        memory = processes.proportional_memory(product)
        for name, megabytes in memory.items():
            yield Figure(f"memory_idle_{name}", megabytes, "MB PSS")
        yield Figure("memory_idle_together", sum(memory.values()), "MB PSS", goal=500)
        yield from asyncio.run(measured(product, engine.url, product.owner_token()))
        after = processes.proportional_memory(product)
        yield Figure("memory_after_load_together", sum(after.values()), "MB PSS", baseline=sum(memory.values()))
