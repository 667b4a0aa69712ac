"""A rolling restart under load is noticed by nobody: no request fails, no event is lost."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tests.fakes.engines import engine_process
from tests.lanes import Say
from tests.product.client import Client, Event, text_of
from tests.product.running import Product, running_product
from tests.proof.rounds import ROUNDS

pytestmark = pytest.mark.kills

CLIENTS = 30


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with (
        engine_process("--rate", "50", "--tokens", "100") as engine,
        running_product({"ENGINE_URL": engine.url, "ATRIUM_TURNS": "2"}) as running,
    ):
        yield running


class Asker:
    """Asks one question after another. Every request but the stream goes once, on a connection of its own or not; a
    stream that ends early is taken up again, as browsers do by themselves.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.requests = self.cuts = 0
        self.said: dict[str, str] = {}

    async def until(self, over: asyncio.Event) -> None:
        conversation = await self.client.conversation()
        while not over.is_set():
            asked = await self.client.ask(conversation, f"What is left? {self.requests}")
            seen: list[Event] = []
            while not seen or seen[-1].type != "done":
                await self._follow(asked["turn"], seen)
            assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
            self.said[asked["message"]] = text_of(seen)
            self.requests += 2
        texts = await self.client.texts(conversation)
        assert {message: texts.get(message) for message in self.said} == self.said
        # Each question and each answer once.
        assert len(texts) == 2 * len(self.said)

    async def _follow(self, turn: str, seen: list[Event]) -> None:
        """One connection; its end in mid-answer is no failure, a refusal is."""
        try:
            async for event in self.client.listen(turn, seen[-1].sequence if seen else 0):
                seen.append(event)  # noqa: PERF401 - it is kept where the connection breaks
        except aiohttp.ClientPayloadError:
            pass
        self.cuts += not seen or seen[-1].type != "done"


async def test_a_rolling_restart_fails_no_request_and_loses_no_event(product: Product, say: Say) -> None:
    token = product.owner_token()
    over = asyncio.Event()
    async with (
        asyncio.timeout(120 + 30 * ROUNDS),
        AsyncExitStack() as clients,
        asyncio.TaskGroup() as group,
    ):
        askers = [Asker(await clients.enter_async_context(Client(product.url, token))) for _ in range(CLIENTS)]
        for asker in askers:
            group.create_task(asker.until(over))
        await asyncio.sleep(1)
        began = time.monotonic()
        pids = {product.pid("web")}
        for _ in range(ROUNDS):
            await asyncio.to_thread(product.manage, "reload")
            pids.add(product.pid("web"))
        took = (time.monotonic() - began) / ROUNDS
        over.set()

    requests, cuts = (sum(getattr(asker, what) for asker in askers) for what in ("requests", "cuts"))
    say(f"{ROUNDS} rolling restarts of {took:.1f} s under {CLIENTS} clients: {requests} requests, {cuts} streams cut")
    assert len(pids) == ROUNDS + 1
    assert requests > CLIENTS
