"""How cost grows with the size of things: the exponent of a power law through a few sizes, by least squares.

At most 1 for what must cost in proportion (tokens, users at once, tabs, events); near 0 for one operation beside more
of what it has nothing to do with (messages before, chats beside). What must cost in proportion has a fixed cost too, so
a second exponent is fitted to what each size costs beyond the smallest.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

from tests.bench import processes
from tests.bench.figures import Figure
from tests.bench.fits import PowerLaw
from tests.fakes.engines import engine_process
from tests.product.client import Client
from tests.product.running import Product, running_product

EMAIL, PASSWORD = "grown@example.org", "a long enough pass phrase"
TOKENS, TOGETHER, REPLAYS = (40, 160, 640, 1920), 12_000, 80
MESSAGES, QUESTIONS = (10, 100, 1_000, 10_000), 25
CHATS, READS = (100, 1_000, 10_000, 30_000), 40
USERS = (1, 4, 12, 36)
TABS = (1, 4, 16, 64)
LINEAR, FLAT = 1.1, 0.1
EMAILS = "user-{}@example.org"
# Beyond the smallest size: half-way between in proportion and a square, for differences are noisier than costs.
BEYOND = 1.5
# Tokens a second of the answers that are measured by their length: at once they would be one event, whatever length.
PACE = 250
# At what pace the answers of users and tabs are written, and how long they are.
RATE, LENGTH = 50, 100


@dataclass(frozen=True, slots=True)
class Series:
    """Costs by size. `unit` is that of a cost."""

    what: str
    costs: dict[int, float]
    unit: str
    goal: float

    def figures(self) -> Iterator[Figure]:
        for size, cost in self.costs.items():
            yield Figure(f"cost_at_{size}_{self.what}", cost, self.unit)
        grown = PowerLaw.through(self.costs).exponent
        yield Figure(f"growth_exponent_of_{self.what}", grown, "exponent", goal=self.goal)
        if self.goal == LINEAR and (more := PowerLaw.beyond_first(self.costs)):
            yield Figure(f"growth_exponent_of_{self.what}_beyond_first", more.exponent, "exponent", goal=BEYOND)


class Bench:
    """A product, and engines whose answers have a length each; a model is named after it."""

    def __init__(self, product: Product, client: Client) -> None:
        self.product, self.client = product, client

    async def spent(self, work: Awaitable[object], parts: Sequence[str] = ()) -> float:
        """Processor milliseconds of the product, or of some parts, until the work is done and all is quiet."""
        before = await asyncio.to_thread(processes.processor_seconds, self.product)
        await work
        await asyncio.sleep(1)  # titles are written behind answers
        after = await asyncio.to_thread(processes.processor_seconds, self.product)
        return 1000 * sum(after[part] - before[part] for part in parts or after)

    async def answered(self, client: Client, model: str) -> str:
        chat = await client.conversation(model=model)
        turn = (await client.ask(chat, "What grows?"))["turn"]
        await client.follow(turn, [], 120)
        return turn

    async def replayed(self, turn: str) -> int:
        """How many events it has."""
        return len(await self.client.follow(turn, [], 60))

    async def several(self, times: int, make: Callable[[], Awaitable[object]]) -> None:
        """At most four at a time, so that the load is alike for every size."""

        async def some(count: int) -> None:
            for _ in range(count):
                await make()

        await asyncio.gather(*(some(times // 4) for _ in range(4)))


Part = Callable[[Bench], AsyncIterator[Series]]


async def tokens_and_events(bench: Bench) -> AsyncIterator[Series]:
    """An answer of so many tokens, and the replay of the events that it became."""
    answers, replays = {}, {}
    for size in TOKENS:
        times = max(TOGETHER // (size + 200) // 4 * 4, 8)
        model = f"length-{size}"
        answered = bench.several(times, partial(bench.answered, bench.client, model))
        answers[size] = await bench.spent(answered) / times
        turn = await bench.answered(bench.client, model)
        events = await bench.replayed(turn)
        replay = bench.several(REPLAYS, partial(bench.replayed, turn))
        replays[events] = await bench.spent(replay, ["web", "postgres"]) / REPLAYS
    yield Series("tokens", answers, "ms processor", LINEAR)
    yield Series("events", replays, "ms processor", LINEAR)


async def messages(bench: Bench) -> AsyncIterator[Series]:
    """The POST of a question behind so many messages."""
    spent: dict[int, list[float]] = {size: [] for size in MESSAGES}
    chats = {}
    for size in MESSAGES:
        said = await asyncio.to_thread(bench.product.manage, "seed", "--email", EMAIL, "--messages", str(size - 2))
        chats[size] = said.splitlines()[-1]
    for number in range(QUESTIONS):
        for size, chat in chats.items():
            began = time.perf_counter()
            turn = (await bench.client.ask(chat, f"And then? {number}"))["turn"]
            spent[size].append(time.perf_counter() - began)
            await bench.client.follow(turn, [], 60)
    yield Series("messages", {size: median(each[3:]) * 1000 for size, each in spent.items()}, "ms", FLAT)


async def people(bench: Bench, count: int) -> list[str]:
    """So many new people; a token of each."""
    emails = [EMAILS.format(number) for number in range(count)]
    return await asyncio.to_thread(bench.product.members, emails, PASSWORD)


async def users(bench: Bench) -> AsyncIterator[Series]:
    """So many people, each of whom is answered once at the same time."""
    tokens = await people(bench, max(USERS))
    costs = {}
    async with AsyncExitStack() as opened:
        clients = [await opened.enter_async_context(Client(bench.product.url, token)) for token in tokens]
        for size in USERS:
            rounds = max(6 // size, 2)

            async def together(some: list[Client] = clients[:size], rounds: int = rounds) -> None:
                for _ in range(rounds):
                    await asyncio.gather(*(bench.answered(client, "paced") for client in some))

            costs[size] = await bench.spent(together()) / rounds
    yield Series("users", costs, "ms processor", LINEAR)


async def tabs(bench: Bench) -> AsyncIterator[Series]:
    """So many open streams of one answer."""
    costs = {}
    for size in TABS:
        rounds = 4 if size < 16 else 2

        async def watched(size: int = size, rounds: int = rounds) -> None:
            for _ in range(rounds):
                chat = await bench.client.conversation(model="paced")
                turn = (await bench.client.ask(chat, "Who looks?"))["turn"]
                await asyncio.gather(*(bench.client.follow(turn, [], 60) for _ in range(size)))

        costs[size] = await bench.spent(watched(), ["web"]) / rounds
    yield Series("tabs", costs, "ms processor in web", LINEAR)


async def chats(bench: Bench) -> AsyncIterator[Series]:
    """The list of somebody who has so many chats, the people in turn, so that all share the machine's moods."""
    spent: dict[int, list[float]] = {size: [] for size in CHATS}
    tokens = dict(zip(CHATS, await people(bench, len(CHATS)), strict=True))
    for number, size in enumerate(CHATS):
        seed = ("seed", "--email", EMAILS.format(number), "--chats", str(size))
        await asyncio.to_thread(bench.product.manage, *seed)
    async with AsyncExitStack() as opened:
        clients = {size: await opened.enter_async_context(Client(bench.product.url, t)) for size, t in tokens.items()}
        for _ in range(READS):
            for size, client in clients.items():
                began = time.perf_counter()
                await client.call("GET", "/api/conversations")
                spent[size].append(time.perf_counter() - began)
    yield Series("chats", {size: median(each[5:]) * 1000 for size, each in spent.items()}, "ms", FLAT)


@contextmanager
def started(lengths: Sequence[int], *, paced: bool) -> Iterator[tuple[Product, str]]:
    """A product in front of an engine for each length of an answer; and a token of its owner."""
    options: dict[str, tuple[str, ...]] = {
        f"length-{size}": ("--rate", str(PACE), "--ttft", "0", "--tokens", str(size)) for size in lengths
    }
    if paced:
        options["paced"] = ("--rate", str(RATE), "--tokens", str(LENGTH))
    with ExitStack() as opened:
        engines = [
            opened.enter_context(engine_process(*given, "--analysis", "0", "--model", model))
            for model, given in options.items()
        ]
        product = opened.enter_context(running_product({"ENGINE_URL": ",".join(engine.url for engine in engines)}))
        product.manage("create_owner", "--email", EMAIL, "--workspace", "Court", given=f"{PASSWORD}\n")
        yield product, product.manage("create_key", "--email", EMAIL, "--name", "bench")


def run() -> Iterator[Figure]:
    """Two products: one for what must cost in proportion, and one whose answers are all short for what must not."""

    async def measured(product: Product, token: str, parts: Sequence[Part]) -> list[Series]:
        async with Client(product.url, token) as client:
            bench = Bench(product, client)
            await bench.several(8, lambda: bench.answered(client, f"length-{TOKENS[0]}"))  # warm
            return [series for part in parts async for series in part(bench)]

    for lengths, parts in ((TOKENS, (tokens_and_events, tabs, users)), (TOKENS[:1], (messages, chats))):
        with started(lengths, paced=lengths is TOKENS) as (product, token):
            for series in asyncio.run(measured(product, token, parts)):
                yield from series.figures()
