"""Whoever follows a run sees what is committed, from where they left off, as long as they may."""

import asyncio
import time
from contextlib import aclosing
from uuid import uuid4

import psycopg
import pytest

from tests.cast import Person
from tests.runs.diary import Diary
from tests.runs.stage import Stage, as_web, engine_settings, is_text, nth, stage, text_of
from workspace.accounts import tokens
from workspace.accounts.models import AccessToken
from workspace.common import roles
from workspace.common.contracts import Actor
from workspace.common.work import outside, unit
from workspace.runs import rights, tails
from workspace.runs.connections import address
from workspace.runs.tails import TailHub


async def test_many_tails_of_one_run_see_the_same(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings()) as here:
        await here.runner()
        asked = await here.ask()

        seen = await asyncio.gather(*(here.follow(asked) for _ in range(8)))

        assert all(events == seen[0] for events in seen)
        assert here.hub.count == 0


async def test_a_tail_begins_after_any_event(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask()
        events = await here.follow(asked)

        for after in range(len(events) + 2):
            assert await here.follow(asked, after=after) == events[after:]


async def test_a_client_that_does_not_read_holds_little_and_gets_all_in_the_end(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "BUFFER", 5)
    async with stage(as_runner, engine_settings()) as here:
        await here.runner()
        asked = await here.ask()
        slow = here.hub.tail(await outside(asked.watch))
        first = await anext(slow)

        events = await here.follow(asked)

        [tail] = here.hub._all()
        assert len(tail.rows) <= 5
        assert [first] + [event async for event in slow] == events


async def test_a_tail_that_comes_while_another_is_read_for_is_not_fed_from_the_middle(
    as_runner: Person, diary: Diary
) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask()
        await here.follow(asked)
        watch = await outside(asked.watch)
        ahead, newcomer = tails.Tail(watch, 0), tails.Tail(watch, 0)
        ahead.ordinal = 1
        here.hub._tails[watch.run] |= {ahead, newcomer}

        await here.hub._feed({watch.run: ahead})

        assert next(iter(ahead.rows)).ordinal == 2
        assert not newcomer.rows


async def test_what_is_there_comes_at_once_and_silence_is_told(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        asked = await here.ask()
        async with aclosing(here.hub.bundles(await outside(asked.watch), silence=0.01)) as bundles:
            assert [await anext(bundles), await anext(bundles)] == [[], []]

            await here.runner()
            told = [events async for events in bundles if events]

        events = await here.follow(asked)
        assert [event for bundle in told for event in bundle] == events
        assert [bundle async for bundle in here.hub.bundles(await outside(asked.watch))] == [events]


async def test_a_hub_that_breaks_ends_its_tails_and_serves_the_next(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(as_runner, engine_settings(rate=50)) as here:
        await here.runner()
        asked = await here.ask()
        stream = here.hub.tail(await outside(asked.watch))
        await anext(stream)
        with monkeypatch.context() as broken:
            broken.setattr(tails, "UUID", int)
            async with asyncio.timeout(5):
                rest = [event async for event in stream]

        assert all(event.type != "done" for event in rest)
        events = await here.follow(asked)
        assert events[-1].type == "done"
        assert text_of(events) == here.engines[0].engine.log[0].answer.final


async def test_rights_are_asked_once_for_all_tails_of_a_credential_and_hold_up_nobody(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of, may_answer = [], asyncio.Event()

    async def slowly(actor: Actor) -> bool:
        asked_of.append(actor.credential)
        await may_answer.wait()
        return True

    monkeypatch.setattr(rights, "holds", slowly)
    monkeypatch.setattr(rights, "is_present", slowly)
    async with stage(as_runner, engine_settings(rate=100)) as here:
        await here.runner()
        asked = await here.ask()

        told = await asyncio.gather(*(here.follow(asked) for _ in range(8)))

        assert {events[-1].type for events in told} == {"done"}
        assert len(asked_of) <= 2  # the hub's one question and the runner's
        may_answer.set()


async def test_a_lost_listener_and_reader_are_made_again(as_runner: Person, diary: Diary, database_url: str) -> None:
    end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'atrium_web' and datname = %s"
    async with stage(as_runner, engine_settings(rate=60)) as here:
        await here.runner()
        asked = await here.ask()
        following = asyncio.create_task(here.follow(asked))
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
            while not following.done():
                await asyncio.sleep(0.1)
                await superuser.execute(end, [database_url.rpartition("/")[2]])

        events = await following

        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert text_of(events) == here.engines[0].engine.log[0].answer.final


async def revoke(here: Stage) -> None:
    def act() -> None:
        with as_web(), unit(here.person.workspace, here.person.user.id):
            token = AccessToken.objects.get(user=here.person.user)
            tokens.revoke_token(here.person.actor, token.id)

    await outside(act)


async def test_a_revoked_token_ends_its_streams_and_its_runs(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=5)) as here:
        await here.runner()
        asked = await here.ask()
        stream = here.hub.tail(await outside(asked.watch))
        async for event in stream:
            if event.sequence >= 2:
                break
        began = time.monotonic()
        await revoke(here)

        async with asyncio.timeout(5):
            rest = [event async for event in stream]

        assert time.monotonic() - began < 5
        assert all(event.type != "done" for event in rest)
        assert await asyncio.to_thread(diary.told.wait, 5)
        [outcome] = diary.outcomes[asked.run]
        assert outcome.error is not None
        assert outcome.error.code == "credential_refused"


async def test_a_stream_that_begins_just_after_its_right_was_taken_ends_too(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=5)) as here:
        await here.runner()
        asked, other = await here.ask(), await here.ask()
        admitted = await outside(other.watch)
        first = here.hub.tail(await outside(asked.watch))
        await anext(first)
        await revoke(here)
        async with asyncio.timeout(5):
            assert all(event.type != "done" for event in [event async for event in first])

        async with asyncio.timeout(5):
            late = [event async for event in here.hub.tail(admitted)]

        assert all(event.type != "done" for event in late)


async def test_a_run_whose_actor_lost_the_right_before_the_claim_fails(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings()) as here:
        asked = await here.ask()
        watch = await outside(asked.watch)
        await revoke(here)
        await here.runner()
        assert await asyncio.to_thread(diary.told.wait, 5)

        assert not here.engines[0].engine.log
        assert watch.last_sequence is None


async def test_the_function_for_tails_gives_sealed_events_only(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask()
        events = await here.follow(asked)
        watch = await outside(asked.watch)
        async with await psycopg.AsyncConnection.connect(address(roles.WEB)) as web:
            read = "select * from lookup.journal_after(%s::uuid[], %s::date[], %s::int[])"
            rows = await (await web.execute(read, [[asked.run, uuid4()], [watch.day] * 2, [0, 0]])).fetchall()

        words = {word for event in events if is_text(event) for word in event.data["delta"].split() if len(word) > 3}
        assert rows
        assert words
        assert not [word for word in words for row in rows if word.encode() in row[4]]


async def test_a_journal_that_is_gone_ends_its_tail(as_runner: Person, diary: Diary, database_url: str) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask()
        await here.follow(asked)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
            await superuser.execute("delete from runs_journal")

        assert await here.follow(asked) == []


async def test_a_hub_that_closes_ends_its_tails(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=5)) as here:
        await here.runner()
        asked = await here.ask()
        hub = TailHub()
        stream = hub.tail(await outside(asked.watch))
        await anext(stream)
        await hub.close()

        assert [event async for event in stream] == []
        assert nth(1)(await anext(here.hub.tail(await outside(asked.watch))))
