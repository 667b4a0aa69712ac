"""Many streams at once: slow ones for a minute, ones that only wait, and many beside one that nobody reads."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import pairwise
from statistics import quantiles

import aiohttp

from tests.bench import processes
from tests.bench.figures import Figure
from tests.fakes.engines import EngineProcess, engine_process
from tests.product.client import Client, Event, text_of
from tests.product.running import Product, running_product
from tests.product.slow_reader import narrow_socket, request_events
from tests.product.visitor import Visitor

EMAIL, PASSWORD = "owner@example.org", "a long enough pass phrase"
SECONDS = 60
SLOW, SLOW_RATE = 200, 10
IDLE = 1_000
BESIDE, RATE = 49, 50


def started(stack: ExitStack, rate: int) -> tuple[EngineProcess, Product, str]:
    """An engine whose answers take a minute, a product in front of it, and a token."""
    options = ("--kind", "vllm", "--rate", str(rate), "--tokens", str(rate * SECONDS), "--analysis", "0")
    engine = stack.enter_context(engine_process(*options))
    product = stack.enter_context(running_product({"ENGINE_URL": engine.url, "ATRIUM_RUN_CONCURRENCY": "256"}))
    product.manage("create_owner", "--email", EMAIL, "--workspace", "Court", given=f"{PASSWORD}\n")
    return engine, product, product.manage("create_key", "--email", EMAIL, "--name", "bench")


async def followed(client: Client, count: int) -> list[list[Event]]:
    """So many answers in chats of their own, followed to their end."""
    chats = [await client.conversation(title=f"Chat {number}") for number in range(count)]
    turns = await asyncio.gather(*(client.ask(chat, f"What is in the court? {chat}") for chat in chats))
    return await asyncio.gather(*(client.follow(turn["turn"], [], 3 * SECONDS) for turn in turns))


async def slow_streams(engine: EngineProcess, product: Product, token: str) -> AsyncIterator[Figure]:
    before = processes.processor_seconds(product)
    async with Client(product.url, token) as client:
        load = asyncio.create_task(followed(client, SLOW))
        await asyncio.sleep(SECONDS / 2)
        held = await asyncio.to_thread(processes.database_connections, product, "web")
        seen = await load
    spent = processes.processor_seconds(product)
    finals = {record["final"] for record in engine.log()}
    whole = sum(events[-1].type == "done" and text_of(events) in finals for events in seen)
    tokens = SLOW * SLOW_RATE * SECONDS
    yield Figure(f"streams_of_{SLOW}_that_came_whole", whole, "streams", goal=SLOW, more_is_better=True)
    yield Figure(f"database_connections_of_web_beside_{SLOW}_streams", held, "connections", goal=10)
    used = sum(spent.values()) - sum(before.values())
    yield Figure("processor_time_per_token_of_slow_streams", 1e6 * used / tokens, "us")


async def idle_streams(product: Product) -> AsyncIterator[Figure]:
    """Open pages that wait for news."""
    async with Visitor(product.url) as visitor:
        await visitor.sign_in(EMAIL, PASSWORD)
        before = processes.proportional_memory(product)["web"]
        asked = [visitor.session.get(f"{product.url}/notices") for _ in range(IDLE)]
        answers: list[aiohttp.ClientResponse] = [await request for request in asked]
        await asyncio.gather(*(answer.content.readany() for answer in answers))
        after = processes.proportional_memory(product)["web"]
        for answer in answers:
            answer.close()
    yield Figure(f"memory_of_web_with_{IDLE}_idle_streams", after, "MB PSS", baseline=before, goal=200)


async def gaps(client: Client, *, is_one_stuck: bool) -> float:
    """The 95th percentile of milliseconds between pieces of 49 answers, alone or beside one that nobody reads."""
    with narrow_socket() as reader:
        if is_one_stuck:
            turn = (await client.ask(await client.conversation(title="Stuck"), "What is in the court?"))["turn"]
            await request_events(reader, client, turn)
        seen = await followed(client, BESIDE)
    assert all(events[-1].type == "done" for events in seen)
    between = [b.at - a.at for events in seen for a, b in pairwise(events) if b.type == "text"]
    return quantiles(between, n=20)[-1] * 1000


async def stalled_reader(product: Product, token: str) -> AsyncIterator[Figure]:
    async with Client(product.url, token) as client:
        alone = await gaps(client, is_one_stuck=False)
        before = processes.proportional_memory(product)["web"]
        beside = await gaps(client, is_one_stuck=True)
        after = processes.proportional_memory(product)["web"]
    yield Figure("gap_beside_a_reader_that_stopped_p95", beside, "ms", baseline=alone)
    yield Figure("gap_beside_a_reader_that_stopped_over_alone", beside / alone, "x", goal=2)
    yield Figure("memory_of_web_for_a_reader_that_stopped", after - before, "MB PSS", goal=20)


async def collected(figures: AsyncIterator[Figure]) -> list[Figure]:
    return [figure async for figure in figures]


def run() -> Iterator[Figure]:
    """Two products of their own, one after the other: the engines differ."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(allowed, 4 * IDLE), most), most))
    with ExitStack() as stack:
        engine, product, token = started(stack, SLOW_RATE)
        yield from asyncio.run(collected(slow_streams(engine, product, token)))
        yield from asyncio.run(collected(idle_streams(product)))
    with ExitStack() as stack:
        _, product, token = started(stack, RATE)
        yield from asyncio.run(collected(stalled_reader(product, token)))
