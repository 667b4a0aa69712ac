"""An open stream ends when the right to it does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.product.client import Client, Event, Refused
from tests.product.conftest import Court
from tests.product.test_kills import reached
from tests.product.visitor import Visitor

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
        court.product.manage("revoke_key", "--email", EMAIL, "--name", "short-lived")
        revoked = time.monotonic()  # what the command itself takes to start is no part of the promise
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


PASSWORDS = ("a long enough pass phrase", "another rather long pass phrase")
Ending = Callable[[Visitor, Visitor], Awaitable[str]]


async def sign_out_here(here: Visitor, there: Visitor) -> str:
    return await here.submit("/sign-out")


async def end_from_elsewhere(here: Visitor, there: Visitor) -> str:
    return await there.submit("/account/sessions/end-others")


async def change_the_password_elsewhere(here: Visitor, there: Visitor) -> str:
    return await there.submit("/account/password", current=PASSWORDS[0], new=PASSWORDS[1])


async def time_of_end(visitor: Visitor, turn: str, seen: list[Event]) -> float:
    async for event in visitor.listen(turn):
        seen.append(event)  # noqa: PERF401 - the test watches it grow
    return time.monotonic()


@pytest.mark.parametrize("end", [sign_out_here, end_from_elsewhere, change_the_password_elsewhere])
async def test_a_stream_ends_with_its_session_and_its_answer_is_written_on(court: Court, end: Ending) -> None:
    email = f"{end.__name__}@example.org"
    court.product.manage("create_user", "--email", email, given=f"{PASSWORDS[0]}\n")
    token = court.product.manage("create_key", "--email", email, "--name", "watch")
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(Visitor(court.product.url)) for _ in range(2)]
        watcher = await stack.enter_async_context(Client(court.product.url, token))
        for browser in (here, there):
            await browser.sign_in(email, PASSWORDS[0])
        turn = (await here.ask(await here.conversation(), "Who may listen?"))["turn"]
        seen: list[Event] = []
        listener = asyncio.create_task(time_of_end(here, turn, seen))
        await reached(seen, 10)

        ended = time.monotonic()
        assert await end(here, there)
        async with asyncio.timeout(20):
            assert await listener - ended <= PROMISED_SECONDS

        with pytest.raises(Refused) as refused:
            await here.call("GET", f"/api/turns/{turn}")
        whole = await watcher.follow(turn, [], 60)

    assert (seen[-1].type, refused.value.status) == ("text", 401)
    assert whole[-1].type == "done"


async def test_who_is_shut_out_through_the_page_hears_and_writes_no_more(court: Court) -> None:
    court.product.manage("create_user", "--email", "out@example.org", given=f"{PASSWORDS[0]}\n")
    async with Visitor(court.product.url) as owner, Visitor(court.product.url) as member:
        await owner.sign_in(EMAIL, PASSWORDS[0])
        await member.sign_in("out@example.org", PASSWORDS[0])
        person = (await member.call("GET", "/api/me"))["user"]["id"]
        turn = (await member.ask(await member.conversation(), "Who may listen?"))["turn"]
        seen: list[Event] = []
        listener = asyncio.create_task(time_of_end(member, turn, seen))
        await reached(seen, 10)

        shut = time.monotonic()
        assert await owner.submit(f"/members/{person}/deactivate") == f"/members/{person}"
        async with asyncio.timeout(20):
            assert await listener - shut <= PROMISED_SECONDS
        assert await member.open("/account") == 302
