"""What does not grow: the cost of a question with its chat, of lists and pages with the number of chats, and memory
with the number of turns.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from statistics import median, quantiles

from tests.bench import processes
from tests.bench.figures import Figure
from tests.fakes.engines import engine_process
from tests.product.client import Client
from tests.product.running import Product, running_product
from tests.product.visitor import Visitor

EMAIL, OTHER, PASSWORD = "many@example.org", "few@example.org", "a long enough pass phrase"
SHORT, LONG, QUESTIONS = 10, 10_000, 40
CHATS, READS = 100_000, 60
# Turns whose memory is looked at, and after how many of them for the first time: what is made once is made by then.
TURNS, WARM, AT_ONCE = int(os.environ.get("TURNS", "10000")), 1_000, 8


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


async def fresh(client: Client) -> str:
    """A chat whose next question is its message SHORT, or the one before."""
    chat = await client.conversation()
    for number in range((SHORT - 1) // 2):
        await client.follow((await client.ask(chat, f"What was before? {number}"))["turn"], [], 60)
    return chat


async def questions(client: Client, long: str) -> dict[int, list[float]]:
    """Seconds of each question's POST in a long chat and in short ones in turn, each after the answer before it."""
    spent: dict[int, list[float]] = {SHORT: [], LONG: []}
    for number in range(QUESTIONS):
        for length, measured in spent.items():
            chat = long if length == LONG else await fresh(client)
            began = time.perf_counter()
            turn = (await client.ask(chat, f"What is in the court? {number}"))["turn"]
            measured.append(time.perf_counter() - began)
            await client.follow(turn, [], 60)
    return spent


async def reads(client: Client) -> list[float]:
    """Seconds of pages of the list of chats, from the newest on."""
    spent, cursor = [], ""
    for _ in range(READS):
        began = time.perf_counter()
        page = await client.call("GET", f"/api/conversations{cursor}")
        spent.append(time.perf_counter() - began)
        cursor = f"?cursor={page['next_cursor']}"
    return spent


async def opened(visitors: dict[str, tuple[Visitor, str]]) -> dict[str, list[float]]:
    """Seconds of opening a chat's page, the people in turn."""
    spent: dict[str, list[float]] = {email: [] for email in visitors}
    for _ in range(READS):
        for email, (visitor, chat) in visitors.items():
            began = time.perf_counter()
            await visitor.open(f"/chats/{chat}")
            spent[email].append(time.perf_counter() - began)
    return spent


async def lengths(product: Product, token: str) -> AsyncIterator[Figure]:
    chat = product.manage("seed", "--email", EMAIL, "--messages", str(LONG - 2)).splitlines()[-1]
    async with Client(product.url, token) as client:
        await questions(client, chat)  # warm
        spent = await questions(client, chat)
    short, long = p95(spent[SHORT]), p95(spent[LONG])
    yield Figure(f"question_at_message_{LONG}_p95", long, "ms", baseline=short)
    yield Figure(f"question_at_message_{LONG}_over_{SHORT}", long / short, "x", goal=1.5)


async def numbers(product: Product, token: str) -> AsyncIterator[Figure]:
    """With 100,000 chats beside one person's single chat."""
    product.manage("create_user", "--email", OTHER, "--name", "Few", given=f"{PASSWORD}\n")
    chats = {
        email: product.manage("seed", "--email", email, "--messages", "20").splitlines()[-1] for email in (EMAIL, OTHER)
    }
    await asyncio.to_thread(product.manage, "seed", "--email", EMAIL, "--chats", str(CHATS))
    async with Client(product.url, token) as client:
        yield Figure(f"list_of_{CHATS}_chats_p95", p95(await reads(client)), "ms", goal=50)
    async with Visitor(product.url) as many, Visitor(product.url) as few:
        await many.sign_in(EMAIL, PASSWORD)
        await few.sign_in(OTHER, PASSWORD)
        spent = await opened({EMAIL: (many, chats[EMAIL]), OTHER: (few, chats[OTHER])})
    theirs, mine = median(spent[OTHER]) * 1000, median(spent[EMAIL]) * 1000
    yield Figure(f"chat_page_beside_{CHATS}_chats", mine, "ms", baseline=theirs)
    yield Figure(f"chat_page_beside_{CHATS}_chats_over_one", mine / theirs, "x", goal=1.2)


async def turns(client: Client, count: int) -> None:
    """That many turns, a few at a time, each chat for ten of them."""

    async def some(number: int) -> None:
        chat = ""
        for turn in range(number):
            chat = chat if turn % 10 else await client.conversation()
            await client.follow((await client.ask(chat, f"And then? {turn}"))["turn"], [], 60)

    await asyncio.gather(*(some(count // AT_ONCE) for _ in range(AT_ONCE)))


async def memory(product: Product, token: str) -> AsyncIterator[Figure]:
    """PSS of web and turns after the first turns and after all."""
    async with Client(product.url, token) as client:
        await turns(client, WARM)
        before = await asyncio.to_thread(processes.proportional_memory, product)
        await turns(client, TURNS - WARM)
        after = await asyncio.to_thread(processes.proportional_memory, product)
    for part in ("web", "turns"):
        yield Figure(f"memory_of_{part}_after_{TURNS}_turns", after[part], "MB PSS", baseline=before[part])
        yield Figure(f"memory_of_{part}_after_{TURNS}_turns_over_{WARM}", after[part] / before[part], "x", goal=1.1)


def run() -> Iterator[Figure]:
    """Starts a product of its own in front of a fake engine that answers at once."""
    with (
        engine_process("--rate", "0", "--ttft", "0", "--tokens", "8", "--analysis", "0") as engine,
        running_product({"ENGINE_URL": engine.url}) as product,
    ):
        product.manage("create_owner", "--email", EMAIL, "--workspace", "Court", given=f"{PASSWORD}\n")
        token = product.manage("create_key", "--email", EMAIL, "--name", "bench")

        async def all_of(part: Callable[[Product, str], AsyncIterator[Figure]]) -> list[Figure]:
            return [figure async for figure in part(product, token)]

        for part in (lengths, numbers, memory):
            yield from asyncio.run(all_of(part))
