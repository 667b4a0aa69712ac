"""Stop reaches the engine at once, whatever the turn is doing."""

import asyncio
import time
from statistics import quantiles

import pytest

from tests.fakes.engines import engine_process
from tests.product.client import Client, Event
from tests.product.conftest import Court
from tests.product.running import running_product
from tests.product.test_kills import reached

pytestmark = pytest.mark.kills

TIMES = 20
PROMISED_SECONDS = 0.3


async def stopped(client: Client, conversation: str, seen: list[Event], *, at_event: int) -> float:
    """Asks, stops when that many events were seen, and follows to the end. Returns when the POST was sent."""
    turn = (await client.ask(conversation, f"Stop me {time.monotonic()}"))["turn"]
    follower = asyncio.create_task(client.follow(turn, seen, 30))
    await reached(seen, at_event)
    posted = time.monotonic()
    await client.call("POST", f"/api/turns/{turn}/stop")
    await follower
    return posted


async def test_stop_closes_the_engines_connection_within_300_ms(court: Court) -> None:
    delays = []
    async with Client(court.product.url, court.token) as client:
        for number in range(TIMES):
            seen: list[Event] = []
            posted = await stopped(client, await client.conversation(), seen, at_event=3 + number)
            closed = max(
                record["mono"][1] for engine in court.engines.values() for record in engine.log() if record["mono"][1]
            )
            assert seen[-1].type == "stopped"
            delays.append(closed - posted)

    assert quantiles(delays, n=20)[-1] <= PROMISED_SECONDS


async def test_stop_reaches_an_engine_that_has_not_said_a_word_yet() -> None:
    delays = []
    with engine_process("--ttft", "30") as silent, running_product({"ENGINE_URL": silent.url}) as product:
        async with Client(product.url, product.owner_token()) as client:
            for _ in range(TIMES):
                seen: list[Event] = []
                asked = len(silent.log())
                conversation = await client.conversation()
                turn = (await client.ask(conversation, "Are you there?"))["turn"]
                async with asyncio.timeout(10):
                    while len(silent.log()) == asked:
                        await asyncio.sleep(0.02)
                posted = time.monotonic()
                await client.call("POST", f"/api/turns/{turn}/stop")
                await client.follow(turn, seen, 10)
                assert seen[-1].type == "stopped"
                delays.append(silent.log()[-1]["mono"][1] - posted)

    assert quantiles(delays, n=20)[-1] <= PROMISED_SECONDS
