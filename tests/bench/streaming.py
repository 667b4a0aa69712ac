"""Streaming through the whole product against straight from the engine: 50 streams of 50 tokens/s, and one alone."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from tests.bench import direct, processes
from tests.bench.direct import RAMP, Stream
from tests.bench.figures import Figure
from tests.fakes.engines import EngineProcess, engine_process
from tests.product.client import Client, Event
from tests.product.running import Product, running_product

RATE, TOKENS, STREAMS, ROUNDS = 50, 200, 50, 3
# How many answers a round has that come alone.
ALONE = 3


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
    """What the rounds brought, one entry a round: answers by number of streams, and processor seconds by part while
    all streams ran (`engine` is the fake's).
    """

    ours: dict[int, list[list[Stream]]] = field(default_factory=lambda: {1: [], STREAMS: []})
    theirs: dict[int, list[list[Stream]]] = field(default_factory=lambda: {1: [], STREAMS: []})
    spent: list[dict[str, float]] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)

    def to_first(self, count: int) -> tuple[list[float], list[float]]:
        """Milliseconds to the first token, each round's median: ours and straight from the engine."""
        ours, theirs = ([median(s.to_first for s in each) * 1000 for each in side[count]] for side in self._sides)
        return ours, theirs

    def rates(self) -> tuple[list[float], list[float]]:
        """Tokens a second of all streams at once, each round's median."""
        ours, theirs = ([median(s.rate for s in each) for each in side[STREAMS]] for side in self._sides)
        return ours, theirs

    @property
    def _sides(self) -> tuple[dict[int, list[list[Stream]]], dict[int, list[list[Stream]]]]:
        return self.ours, self.theirs


@dataclass(frozen=True, slots=True)
class Bench:
    """A product with a client, and the engine in front of which it stands."""

    product: Product
    client: Client
    engine: EngineProcess

    async def measure(self) -> Measured:
        """Three rounds; in each, the engine alone and then the product: one stream after another, then all at once."""
        found = Measured()
        await through(self.client, 5)  # warm
        await direct.streams(self.engine.url, 5)
        for _ in range(ROUNDS):
            theirs = [await direct.streams(self.engine.url, 1) for _ in range(ALONE)]
            ours = [await through(self.client, 1) for _ in range(ALONE)]
            found.theirs[1].append([stream for each in theirs for stream in each])
            found.ours[1].append([stream for each in ours for stream in each])
            found.theirs[STREAMS].append(await direct.streams(self.engine.url, STREAMS))
            await self._crowd(found)
        return found

    async def _crowd(self, found: Measured) -> None:
        """All streams at once through the product, and what they cost."""
        before, engine = await self._spent()
        load = asyncio.create_task(through(self.client, STREAMS))
        await asyncio.sleep(RAMP + TOKENS / RATE / 2)
        found.connections.append(await asyncio.to_thread(processes.database_connections, self.product, "web"))
        found.ours[STREAMS].append(await load)
        after, engine_after = await self._spent()
        found.spent.append({name: after[name] - before[name] for name in after})
        found.engine.append(engine_after - engine)

    async def _spent(self) -> tuple[dict[str, float], float]:
        """Processor seconds so far: of the product by part, and of the engine."""
        return await asyncio.to_thread(
            lambda: (processes.processor_seconds(self.product), processes.family_seconds(self.engine.pid))
        )


def figures(found: Measured) -> Iterator[Figure]:
    """The promises of the core, each beside what the engine alone did in the same round."""
    for count, goal in ((1, 20.0), (STREAMS, 60.0)):
        ours, theirs = found.to_first(count)
        yield Figure.of(f"first_token_ms_{count}_streams", ours, "ms", baseline=median(theirs))
        over = [mine - base for mine, base in zip(ours, theirs, strict=True)]
        yield Figure.of(f"first_token_over_direct_{count}_streams", over, "ms", goal=goal)
    ours, theirs = found.rates()
    yield Figure.of(f"token_rate_{STREAMS}_streams", ours, "tokens/s", baseline=median(theirs), more_is_better=True)
    kept = [100 * mine / base for mine, base in zip(ours, theirs, strict=True)]
    yield Figure.of(f"token_rate_over_direct_{STREAMS}_streams", kept, "%", goal=97, more_is_better=True)
    yield from costs(found)
    yield Figure.of("database_connections_of_web", found.connections, "connections", goal=10)


def costs(found: Measured) -> Iterator[Figure]:
    """Processor time a token. The fake engine must cost less than what it serves to measure."""
    token = 1e6 / (STREAMS * TOKENS)
    for part in found.spent[0]:
        yield Figure.of(f"processor_time_per_token_{part}", [token * spent[part] for spent in found.spent], "us")
    together = [token * sum(spent.values()) for spent in found.spent]
    engine = [token * seconds for seconds in found.engine]
    yield Figure.of("processor_time_per_token", together, "us", baseline=median(engine), goal=250)
    yield Figure.of("processor_time_per_token_of_the_fake_engine", engine, "us", goal=median(together))


def memory(product: Product, when: str) -> Iterator[Figure]:
    """PSS by part, and together."""
    parts = processes.proportional_memory(product)
    for name, megabytes in parts.items():
        yield Figure(f"memory_{when}_{name}", megabytes, "MB PSS")
    yield Figure(f"memory_{when}_together", sum(parts.values()), "MB PSS", goal=500)


async def measured(product: Product, engine: EngineProcess) -> Measured:
    token = await asyncio.to_thread(product.owner_token)
    async with Client(product.url, token) as client:
        return await Bench(product, client, engine).measure()


def run() -> Iterator[Figure]:
    """Starts a product of its own in front of a fake engine and yields the figures."""
    options = ("--kind", "vllm", "--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        yield from memory(product, "idle")
        yield from figures(asyncio.run(measured(product, engine)))
        yield from memory(product, "after_load")
