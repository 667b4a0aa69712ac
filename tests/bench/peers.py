"""The same streams through other products and through ours: Open WebUI and LiteLLM in front of a chat server that is
the fake raw engine's twin, ours in front of the fake raw engine, and both engines alone.

All run at once and are loaded in turn, so that they share the machine's moods; every figure is the median of the
rounds, with the lowest and the highest beside it.
"""

import asyncio
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import aiohttp
import orjson

from inference.vocabulary import o200k_harmony
from tests.bench import direct, processes
from tests.bench.direct import RAMP, Stream
from tests.bench.figures import Figure
from tests.bench.neighbours import MODEL, NEIGHBOURS, NotHere, Running, running
from tests.fakes.engines import EngineProcess, engine_process
from tests.product.client import Client, Event, text_of
from tests.product.running import Product, running_product

RATE, TOKENS, STREAMS, SINGLES, ROUNDS = 50, 200, 50, 3, 3
SECONDS = 300
OURS, RAW, TWIN = "atrium", "raw_engine", "chat_twin"


@dataclass(frozen=True, slots=True)
class Heard:
    """One stream, and the text that came."""

    stream: Stream
    text: str


class Target(ABC):
    """What is loaded. `engine` is the one behind it, whose log knows what it said; `baseline` is that engine's name."""

    name: str
    baseline: str
    engine: EngineProcess

    async def chat(self) -> str:
        """Where a question is to be asked, for who keeps chats."""
        return ""

    @abstractmethod
    async def one(self, chat: str, delay: float) -> Heard:
        """A question of its own, asked after so many seconds, and its answer to the end."""

    @abstractmethod
    def spent(self) -> float:
        """Processor seconds of all its processes so far."""

    @abstractmethod
    def memory(self) -> float:
        """Megabytes of PSS of all its processes."""

    async def load(self, count: int) -> list[Heard]:
        """That many answers, begun one after another within the ramp."""
        chats = [await self.chat() for _ in range(count)]
        return await asyncio.gather(*(self.one(chat, RAMP * number / count) for number, chat in enumerate(chats)))


@dataclass(frozen=True, slots=True)
class Chat(Target):
    """A product, or the twin itself, that is asked in the manner of OpenAI's chat completions."""

    name: str
    baseline: str
    engine: EngineProcess
    session: aiohttp.ClientSession
    place: Running

    async def one(self, chat: str, delay: float) -> Heard:
        await asyncio.sleep(delay)
        asked = time.monotonic()
        question = {"role": "user", "content": f"What is in the court? {asked}"}
        body = {"model": MODEL, "stream": True, "messages": [question]}
        headers = {"Authorization": f"Bearer {self.place.key}"}
        pieces: list[tuple[float, str]] = []
        async with self.session.post(self.place.url, json=body, headers=headers) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if said := _content(line):
                    pieces.append((time.monotonic(), said))  # noqa: PERF401 - the time is that of the piece
        times = [at for at, _ in pieces] or [asked, time.monotonic()]
        return Heard(Stream(asked, times[0], times[-1], TOKENS), "".join(said for _, said in pieces))

    def spent(self) -> float:
        return processes.family_seconds(self.place.pid)

    def memory(self) -> float:
        return processes.family_memory(self.place.pid)


def _content(line: bytes) -> str:
    if not line.startswith(b"data: {"):
        return ""
    choices = orjson.loads(line[6:]).get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


@dataclass(frozen=True, slots=True)
class Atrium(Target):
    """Ours: a chat of its own for each question, from the POST of the turn to the first `text` event and on."""

    engine: EngineProcess
    product: Product
    client: Client
    name: str = OURS
    baseline: str = RAW

    async def chat(self) -> str:
        return await self.client.conversation()

    async def one(self, chat: str, delay: float) -> Heard:
        await asyncio.sleep(delay)
        asked = time.monotonic()
        seen: list[Event] = []
        turn = (await self.client.ask(chat, f"What is in the court? {asked}"))["turn"]
        await self.client.follow(turn, seen, SECONDS)
        times = [event.at for event in seen if event.type == "text"]
        return Heard(Stream(asked, times[0], times[-1], TOKENS), text_of(seen))

    def spent(self) -> float:
        return sum(processes.processor_seconds(self.product).values())

    def memory(self) -> float:
        return sum(processes.proportional_memory(self.product).values())


@dataclass(frozen=True, slots=True)
class Raw(Target):
    """The raw engine alone, asked in ids. Its text is not put together: nothing stands between."""

    engine: EngineProcess
    session: aiohttp.ClientSession
    name: str = RAW
    baseline: str = RAW

    async def one(self, chat: str, delay: float) -> Heard:
        words = o200k_harmony()
        start = words.special("<|start|>")
        prompt = [start, *words.encode(f"user {time.monotonic()} {delay}"), start, *words.encode("assistant")]
        return Heard(await direct.one(self.session, self.engine.url, prompt, delay), "")

    def spent(self) -> float:
        return processes.family_seconds(self.engine.pid)

    def memory(self) -> float:
        return processes.family_memory(self.engine.pid)


@dataclass(slots=True)
class Rounds:
    """What the rounds of one target brought, a value a round. Times are milliseconds, `spent` microseconds a token."""

    first: dict[int, list[float]] = field(default_factory=lambda: {1: [], STREAMS: []})
    rate: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    whole: int = 0
    idle: float = 0.0
    after: float = 0.0


async def measure(targets: list[Target], rounds: int = ROUNDS) -> dict[str, Rounds]:
    """Warms all, then loads each in turn with single streams and in turn with many, so many rounds."""
    found = {target.name: Rounds(idle=await asyncio.to_thread(target.memory)) for target in targets}
    for target in targets:
        await target.load(5)
    for _ in range(rounds):
        for target in targets:
            alone = [(await target.load(1))[0].stream.to_first for _ in range(SINGLES)]
            found[target.name].first[1].append(1000 * median(alone))
        for target in targets:
            await _loaded(target, found[target.name])
    for target in targets:
        found[target.name].after = await asyncio.to_thread(target.memory)
    return found


async def _loaded(target: Target, found: Rounds) -> None:
    """A round of many streams."""
    before = await asyncio.to_thread(target.spent)
    heard = await target.load(STREAMS)
    after = await asyncio.to_thread(target.spent)
    finals = {record["final"] for record in await asyncio.to_thread(target.engine.log)}
    found.whole += sum(one.text in finals for one in heard)
    found.first[STREAMS].append(1000 * median(one.stream.to_first for one in heard))
    found.rate.append(median(one.stream.rate for one in heard))
    found.spent.append(1e6 * (after - before) / (STREAMS * TOKENS))


def _over(values: list[float], baseline: list[float]) -> list[float]:
    """Round by round, so that both sides of a difference had the same machine."""
    return [value - base for value, base in zip(values, baseline, strict=True)]


def engine_figures(name: str, found: Rounds) -> Iterator[Figure]:
    """An engine alone, and what it costs itself: less than what is measured in front of it."""
    for count in (1, STREAMS):
        yield Figure.of(f"first_token_{count}_{name}", found.first[count], "ms")
    yield Figure.of(f"token_rate_{STREAMS}_{name}", found.rate, "tokens/s", more_is_better=True)
    yield Figure.of(f"processor_time_per_token_{name}", found.spent, "us")


def product_figures(name: str, found: Rounds, alone: Rounds) -> Iterator[Figure]:
    """A product beside its engine alone."""
    for count in (1, STREAMS):
        direct_first = median(alone.first[count])
        yield Figure.of(f"first_token_{count}_{name}", found.first[count], "ms", baseline=direct_first)
        yield Figure.of(f"first_token_over_direct_{count}_{name}", _over(found.first[count], alone.first[count]), "ms")
    direct_rate, name_rate = median(alone.rate), f"token_rate_{STREAMS}_{name}"
    yield Figure.of(name_rate, found.rate, "tokens/s", baseline=direct_rate, more_is_better=True)
    yield Figure.of(f"processor_time_per_token_{name}", found.spent, "us")
    yield Figure(
        f"streams_that_came_whole_{name}",
        found.whole,
        "streams",
        baseline=len(found.rate) * STREAMS,
        more_is_better=True,
    )
    yield Figure(f"memory_idle_{name}", found.idle, "MB PSS")
    yield Figure(f"memory_after_{name}", found.after, "MB PSS", baseline=found.idle)


def beside(peer: str, sides: tuple[Rounds, Rounds], alone: tuple[Rounds, Rounds]) -> Iterator[Figure]:
    """Ours over a peer's: the value is ours, the baseline theirs."""
    ours, theirs = sides
    for count in (1, STREAMS):
        mine, other = (median(_over(s.first[count], a.first[count])) for s, a in zip(sides, alone, strict=True))
        yield Figure(f"{OURS}_over_{peer}_first_token_over_direct_{count}", mine, "ms", baseline=other)
    mine, other = (median(s.rate) / median(a.rate) * 100 for s, a in zip(sides, alone, strict=True))
    yield Figure(f"{OURS}_over_{peer}_token_rate_over_direct_{STREAMS}", mine, "%", baseline=other, more_is_better=True)
    yield Figure(
        f"{OURS}_over_{peer}_processor_time_per_token", median(ours.spent), "us", baseline=median(theirs.spent)
    )
    yield Figure(f"{OURS}_over_{peer}_memory_idle", ours.idle, "MB PSS", baseline=theirs.idle)
    yield Figure(f"{OURS}_over_{peer}_memory_after", ours.after, "MB PSS", baseline=theirs.after)


def figures(found: dict[str, Rounds]) -> Iterator[Figure]:
    """All targets', the engines' first."""
    raw, twin = found[RAW], found[TWIN]
    for name in (RAW, TWIN):
        yield from engine_figures(name, found[name])
    for name in (name for name in found if name not in {RAW, TWIN}):
        yield from product_figures(name, found[name], raw if name == OURS else twin)
    for name in (name for name in found if name not in {RAW, TWIN, OURS}):
        yield from beside(name, (found[OURS], found[name]), (raw, twin))


@asynccontextmanager
async def targets(
    engines: dict[str, EngineProcess], product: Product, there: list[Running]
) -> AsyncIterator[list[Target]]:
    """The engines alone and everything in front of them."""
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, timeout=timeout))
        client = await stack.enter_async_context(Client(product.url, product.owner_token()))
        raw, twin = engines[RAW], engines[TWIN]
        alone = Running(TWIN, f"{twin.url}/v1/chat/completions", "none", twin.pid)
        chats = [Chat(place.name, TWIN, twin, session, place) for place in (alone, *there)]
        yield [Raw(raw, session), *chats, Atrium(raw, product, client)]


def started(stack: ExitStack, engine: str) -> Iterator[Running]:
    """Whichever of the others can be had here; of the rest it is said why not."""
    for neighbour in NEIGHBOURS:
        try:
            yield stack.enter_context(running(neighbour, engine))
        except NotHere as why:
            print(f"not run: {neighbour.name}: {why}", file=sys.stderr)


def run() -> Iterator[Figure]:
    """Starts engines, the others and our product."""
    options = ("--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0", "--model", MODEL)
    with ExitStack() as stack:
        raw = stack.enter_context(engine_process("--kind", "vllm", *options))
        twin = stack.enter_context(engine_process("--kind", "chat", *options))
        there = list(started(stack, twin.url))
        product = stack.enter_context(running_product({"ENGINE_URL": raw.url}))

        async def measured() -> dict[str, Rounds]:
            async with targets({RAW: raw, TWIN: twin}, product, there) as found:
                return await measure(found)

        yield from figures(asyncio.run(measured()))
