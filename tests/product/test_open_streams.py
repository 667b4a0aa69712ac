"""An open stream ends when the right to it does."""

import asyncio
import time

import pytest

from tests.product.client import Client, Event, Refused
from tests.product.conftest import Court
from tests.product.test_kills import reached

pytestmark = pytest.mark.kills

PROMISED_SECONDS = 5
EMAIL = "owner@example.org"


async def test_a_revoked_tokens_open_stream_ends_within_five_seconds(court: Court) -> None:
    token = court.product.manage("create_key", "--email", EMAIL, "--name", "short-lived")
    async with Client(court.product.url, token) as client, Client(court.product.url, court.token) as other:
        turn = (await client.ask(await client.conversation(), "Who may listen?"))["turn"]
        seen: list[Event] = []
        ended: list[float] = []

        async def listen() -> None:
            async for event in client.listen(turn):
                seen.append(event)  # noqa: PERF401 - the test watches it grow
            ended.append(time.monotonic())

        listener = asyncio.create_task(listen())
        await reached(seen, 10)
        revoked = time.monotonic()
        court.product.manage("revoke_key", "--email", EMAIL, "--name", "short-lived")
        async with asyncio.timeout(20):
            await listener
        whole: list[Event] = []
        await other.follow(turn, whole, 60)
        with pytest.raises(Refused) as refused:
            await client.call("GET", f"/api/turns/{turn}")

    assert seen[-1].type == "text"
    assert ended[0] - revoked <= PROMISED_SECONDS
    assert refused.value.status == 401
    assert whole[-1].type in {"done", "stopped", "failed"}
