"""Every open page of a person hears what changed in their conversations, and nobody else's."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.test import AsyncClient

from tests.cast import Person
from tests.chat.talk import Browser, end
from workspace.accounts import members
from workspace.chat import actions, notices
from workspace.chat.retention import ConversationEnd
from workspace.common import wakeups
from workspace.common.contracts import Actor
from workspace.common.errors import Invalid
from workspace.common.work import outside, unit

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 10.0
PAGE_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
async def no_listeners_are_left() -> AsyncIterator[None]:
    yield
    await notices.hub().close()


async def actor_of(person: Person) -> Actor:
    return await outside(lambda: person.actor)


# A change of no conversation, to find out whether listening has begun.
TRIED = UUID(int=0)


async def listening(person: Person) -> AsyncGenerator[set[UUID | None]]:
    """An open page of theirs whose process listens already: changes from now on are heard."""
    changes = notices.hub().changes(await actor_of(person))
    tried = f"{person.workspace}:{person.user.id}:{TRIED}"
    async with asyncio.timeout(DEADLINE):
        first = asyncio.ensure_future(anext(changes))
        while not first.done():
            await outside(lambda: wakeups.notify(wakeups.CONVERSATIONS, [tried]))
            await asyncio.wait({first}, timeout=0.2)
    return changes


async def heard(changes: Any, act: Callable[[], Any]) -> set[UUID | None]:
    """What is told after this was done."""
    await asyncio.to_thread(act)
    async with asyncio.timeout(DEADLINE):
        while True:
            told: set[UUID | None] = await anext(changes)
            told -= {TRIED, None}
            if told:
                return told


async def test_whatever_changes_a_conversation_is_told(alice: Person) -> None:
    browser = await asyncio.to_thread(Browser, alice)
    changes = await listening(alice)
    made: list[str] = []
    asked: list[dict[str, str]] = []

    def in_unit(act: Callable[[Actor, UUID], None]) -> Callable[[], None]:
        def acted() -> None:
            with unit(alice.workspace, alice.user.id):
                act(alice.actor, UUID(made[0]))

        return acted

    async with aclosing(changes):
        assert len(await heard(changes, lambda: made.append(browser.conversation()))) == 1
        ours = {UUID(made[0])}
        address = f"/api/conversations/{made[0]}"
        assert await heard(changes, lambda: asked.append(browser.ask(made[0]))) == ours
        assert await heard(changes, lambda: end(alice, asked[0]["turn"])) == ours
        regenerate = f"/api/messages/{asked[0]['message']}/regenerate"
        assert await heard(changes, lambda: browser.call("post", regenerate)) == ours
        for change in ({"title": "T"}, {"pinned": True}, {"archived": True}, {"active_leaf": asked[0]["message"]}):
            assert await heard(changes, partial(browser.call, "patch", address, change)) == ours
        assert await heard(changes, lambda: browser.call("delete", address)) == ours
        assert await heard(changes, in_unit(actions.restore_conversation)) == ours
        assert await heard(changes, in_unit(lambda _, conversation: ConversationEnd().hide(conversation))) == ours


async def test_all_pages_of_a_person_hear_it_and_nobody_elses(alice: Person, bob: Person, charlie: Person) -> None:
    mine, also_mine = await listening(alice), await listening(alice)
    others = [await listening(person) for person in (bob, charlie)]
    browser = await asyncio.to_thread(Browser, alice)
    waiting = [asyncio.ensure_future(anext(other)) for other in others]

    told = await heard(mine, browser.conversation)

    assert await heard(also_mine, lambda: None) == told
    assert notices.hub().count == 4
    for page in waiting:
        page.cancel()
        assert not page.done()
    for changes in (mine, also_mine):
        await changes.aclose()


async def test_a_change_that_was_taken_back_is_not_told(alice: Person) -> None:
    changes = await listening(alice)
    browser = await asyncio.to_thread(Browser, alice)
    made: list[str] = []

    def begin_and_fail() -> None:
        with unit(alice.workspace, alice.user.id):
            actions.rename(alice.actor, actions.create_conversation(alice.actor).id, "")

    with pytest.raises(Invalid):
        await asyncio.to_thread(begin_and_fail)

    async with aclosing(changes):
        assert await heard(changes, lambda: made.append(browser.conversation())) == {UUID(made[0])}


async def test_a_lost_listener_is_made_again_and_says_that_something_was_missed(
    alice: Person, database_url: str
) -> None:
    changes = await listening(alice)
    name = database_url.rpartition("/")[2]
    async with aclosing(changes), await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and query ilike 'listen%%'"
        await superuser.execute(ended, [name])
        async with asyncio.timeout(DEADLINE):
            while None not in await anext(changes):
                pass

        browser = await asyncio.to_thread(Browser, alice)
        assert await heard(changes, browser.conversation)


async def test_somebody_who_is_shut_out_hears_nothing_after_five_seconds(alice: Person, bob: Person) -> None:
    changes = await listening(bob)

    def shut_out() -> None:
        with unit(alice.workspace, alice.user.id):
            members.deactivate_member(alice.actor, bob.user.id)

    await asyncio.to_thread(shut_out)
    began = time.monotonic()
    async with asyncio.timeout(5):
        rest = [told async for told in changes]

    assert time.monotonic() - began < 5
    assert all(told <= {None, TRIED} for told in rest)


async def test_a_hub_that_breaks_ends_its_streams_and_serves_the_next(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = await listening(alice)
    browser = await asyncio.to_thread(Browser, alice)
    with monkeypatch.context() as broken:
        broken.setattr(notices, "UUID", int)
        await asyncio.to_thread(browser.conversation)
        async with asyncio.timeout(DEADLINE):
            assert [told async for told in changes if told - {None, TRIED}] == []

    again = await listening(alice)
    async with aclosing(again):
        assert await heard(again, browser.conversation)


async def test_a_hub_that_closes_ends_its_streams_and_takes_no_more(alice: Person) -> None:
    changes = await listening(alice)
    await notices.hub().close()

    assert [told async for told in changes] == []
    assert [told async for told in notices.hub().changes(await actor_of(alice))] == []


async def test_a_signed_in_browser_gets_the_notices_of_its_person(alice: Person) -> None:
    client = AsyncClient()
    await client.aforce_login(alice.user, backend=PAGE_BACKEND)
    answer: Any = await client.get("/notices", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "text/event-stream",
        "no-store",
    )
    assert "Content-Encoding" not in answer
    browser = await asyncio.to_thread(Browser, alice)

    made: list[str] = []
    async with asyncio.timeout(DEADLINE), aclosing(answer.streaming_content) as chunks:
        assert await anext(chunks) == b"retry: 1000\n\n"
        assert await anext(chunks) == b'event: conversation\ndata: {"id":null}\n\n'
        await asyncio.to_thread(lambda: made.append(browser.conversation()))
        assert await anext(chunks) == f'event: conversation\ndata: {{"id":"{made[0]}"}}\n\n'.encode()


async def test_silence_is_filled_with_comments(alice: Person) -> None:
    async with asyncio.timeout(DEADLINE), aclosing(notices.stream(await actor_of(alice), 0.01)) as chunks:
        found = [await anext(chunks) for _ in range(40)]

    assert b": \n\n" in found


async def test_nobody_gets_no_notices() -> None:
    assert (await AsyncClient().get("/notices")).status_code == 401
