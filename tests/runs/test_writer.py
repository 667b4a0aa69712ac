"""Commit before show: a row is written once, in order, by whoever holds the claim, or never."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from tests.cast import Person
from tests.runs.diary import Asked, Diary, ask
from workspace.common import keys, roles
from workspace.common.contracts import KeyOwner
from workspace.common.work import outside, unit
from workspace.runs import claims, journal
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.connections import Line, address
from workspace.runs.contracts import Event
from workspace.runs.journal import SealedEvents
from workspace.runs.transcript import Transcript
from workspace.runs.writer import Pen, Writer

COUNT = 40


def pen_of(asked: Asked, claim: Claim, lost: list[UUID]) -> Pen:
    with unit(asked.person.workspace, asked.person.user.id):
        key = keys.open_one(KeyOwner.CONVERSATION, asked.subject)
    return Pen(claim, key, Transcript(), lambda: lost.append(claim.id))


def committed(asked: Asked) -> list[Event]:
    """All public events that are committed."""
    watch = asked.watch()
    with unit(asked.person.workspace, asked.person.user.id), connection.cursor() as cursor:
        cursor.execute(journal.AFTER.replace("%b", "%s"), [[asked.run], [watch.day], [0]])
        rows = [SealedEvents(*found) for found in cursor.fetchall()]
    return [event for sealed in rows for event in sealed.opened(watch.key)]


async def claimed(lease: float = 60.0) -> Claim:
    async with await psycopg.AsyncConnection.connect(address(roles.RUNNER), autocommit=True) as runner:
        async with asyncio.timeout(5):
            # A row that a writer holds for its commit is passed over, as every runner's next look finds it.
            while (claim := await claims.claim(runner, uuid4(), lease, [])) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    return claim


async def pen_on(asked: Asked, lost: list[UUID], lease: float = 60.0) -> Pen:
    """A pen under a claim of its own."""
    claim = await claimed(lease)
    return await outside(lambda: pen_of(asked, claim, lost))


@asynccontextmanager
async def writing() -> AsyncIterator[Writer]:
    line = Line(roles.RUNNER)
    writer = Writer(line)
    task = asyncio.create_task(writer.write_for_ever())
    yield writer
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await line.close()


async def scribble(writer: Writer, pen: Pen, count: int = COUNT) -> None:
    """Says numbers, each after the one before was taken."""
    for number in range(count):
        if pen.is_lost:
            break
        pen.transcript.say("text", {"delta": f"{number} ", "at": 0})
        writer.mark(pen.claim.id)
        await asyncio.sleep(0.003)
    await writer.settled(pen)


def numbers(events: list[Event]) -> list[int]:
    return [int(event.data["delta"]) for event in events]


async def test_rows_of_many_runs_are_committed_in_order(transactional_db: None, alice: Person, diary: Diary) -> None:
    runs = [await outside(lambda: ask(alice)) for _ in range(5)]
    lost: list[UUID] = []
    async with writing() as writer:
        made = [await pen_on(asked, lost) for asked in runs]
        for pen in made:
            writer.add(pen)
        await asyncio.gather(*(scribble(writer, pen) for pen in made))

    for asked in runs:
        events = await outside(partial(committed, asked))
        assert numbers(events) == list(range(COUNT))
        assert [event.sequence for event in events] == list(range(1, COUNT + 1))
    assert not lost


async def test_what_somebody_waits_for_is_committed_at_once_and_nothing_else_with_it(
    transactional_db: None, alice: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.runs.writer.PERIOD", 60.0)
    monkeypatch.setattr("workspace.runs.writer.LONGEST_PERIOD", 60.0)
    runs = [await outside(lambda: ask(alice)) for _ in range(2)]
    lost: list[UUID] = []
    pens = {pen.claim.id: pen for pen in (await pen_on(runs[0], lost), await pen_on(runs[1], lost))}
    patient, urgent = pens[runs[0].run], pens[runs[1].run]
    async with writing() as writer, asyncio.timeout(10):
        for pen in (patient, urgent):
            writer.add(pen)
        await scribble(writer, patient, 1)
        patient.transcript.say("text", {"delta": "1", "at": 0})
        writer.mark(patient.claim.id)

        await scribble(writer, urgent, 1)

        assert numbers(await outside(lambda: committed(runs[1]))) == [0]
        assert numbers(await outside(lambda: committed(runs[0]))) == [0]
        await writer.settled(patient)

    assert numbers(await outside(lambda: committed(runs[0]))) == [0, 1]


async def test_a_writer_whose_claim_is_gone_writes_nothing_and_lets_go(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    asked = await outside(lambda: ask(alice))
    lost: list[UUID] = []
    old = await pen_on(asked, lost, lease=0.0)
    async with writing() as writer:
        writer.add(old)
        await scribble(writer, old, 3)
        await claimed()

        old.transcript.say("text", {"delta": "99", "at": 0})
        with pytest.raises(ClaimLost):
            await writer.settled(old)

    assert lost == [asked.run]
    assert numbers(await outside(lambda: committed(asked))) == [0, 1, 2]


async def test_of_two_writers_exactly_the_one_with_the_claim_writes(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    """Claims fall into the middle of commits, many times over; rows never mix or double."""
    asked = await outside(lambda: ask(alice))
    lost: list[UUID] = []
    written = 0
    async with writing() as one, writing() as other:
        for round_number in range(12):
            pen = await pen_on(asked, lost, lease=0.0)
            pen.transcript.ordinal = pen.transcript.sequence = written
            writer = (one, other)[round_number % 2]
            writer.add(pen)
            task = asyncio.create_task(scribble(writer, pen, 1000))
            await asyncio.sleep(0.02 + round_number * 0.003)
            following = await claimed(lease=0.0)
            with pytest.raises(ClaimLost):
                await task
            events = await outside(lambda: committed(asked))
            assert following.epoch == pen.claim.epoch + 1
            assert len(events) >= written
            assert numbers(events[written:]) == list(range(len(events) - written))
            written = len(events)

    assert written > 0
    assert len(lost) == 12


async def test_a_broken_connection_loses_and_doubles_nothing(
    transactional_db: None, alice: Person, diary: Diary, database_url: str
) -> None:
    asked = await outside(lambda: ask(alice))
    lost: list[UUID] = []
    pen = await pen_on(asked, lost)
    end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'atrium_runner' and datname = %s"
    async with writing() as writer:
        writer.add(pen)
        scribbling = asyncio.create_task(scribble(writer, pen, 300))
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
            while not scribbling.done():
                await asyncio.sleep(0.05)
                await superuser.execute(end, [database_url.rpartition("/")[2]])
        await scribbling

    assert numbers(await outside(lambda: committed(asked))) == list(range(300))
    assert not lost


async def test_a_row_that_was_committed_without_an_answer_is_not_written_again(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    """The commit arrived and its answer did not: the same row is sent again and found."""
    asked = await outside(lambda: ask(alice))
    lost: list[UUID] = []
    pen = await pen_on(asked, lost)
    async with writing() as writer:
        writer.add(pen)
        pen.transcript.say("text", {"delta": "1", "at": 0})
        pen.take()
        row = pen.in_hand
        await writer.settled(pen)
        assert pen.in_hand is None

        pen.in_hand = row
        await writer.settled(pen)

    assert numbers(await outside(lambda: committed(asked))) == [1]
    assert not lost


async def test_a_page_that_holds_one_run_delays_no_other(transactional_db: None, alice: Person, diary: Diary) -> None:
    held, free = [await outside(lambda: ask(alice)) for _ in range(2)]
    lost: list[UUID] = []
    async with writing() as writer:
        pens = [await pen_on(asked, lost) for asked in (held, free)]
        for pen in pens:
            writer.add(pen)
        async with await psycopg.AsyncConnection.connect(address(roles.RUNNER)) as page:
            await page.execute("select 1 from runs_run where id = %s for update", [held.run])
            waiting = asyncio.create_task(scribble(writer, pens[0], 5))
            async with asyncio.timeout(5):
                await scribble(writer, pens[1])
            assert not waiting.done()
        async with asyncio.timeout(5):
            await waiting

    assert numbers(await outside(lambda: committed(held))) == list(range(5))
    assert not lost


def test_nobody_but_a_runner_may_read_what_is_private(owner_connection: psycopg.Connection) -> None:
    question = "select has_column_privilege(%s, 'runs_journal', 'record', 'select')"
    for role in (roles.WEB, roles.SWEEP, roles.LOOKUP, roles.RUNNER):
        allowed = owner_connection.execute(question, [role]).fetchone()

        assert allowed == (role == roles.RUNNER,)


def test_a_runner_cannot_write_for_a_workspace_that_it_did_not_name(
    transactional_db: None, alice: Person, charlie: Person, diary: Diary
) -> None:
    asked = ask(alice)
    insert = "insert into runs_journal (day, workspace_id, run, ordinal, epoch) values (current_date, %s, %s, 1, 1)"
    with psycopg.connect(address(roles.RUNNER)) as runner:
        runner.execute("select set_config('app.workspaces', %s, true)", [str(charlie.workspace)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runner.execute(insert, [alice.workspace, asked.run])


async def test_a_row_that_the_database_refuses_costs_its_own_run_the_claim_only(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    good, bad = await outside(lambda: ask(alice)), await outside(lambda: ask(alice))
    lost: list[UUID] = []
    pens = {pen.claim.id: pen for pen in (await pen_on(good, lost), await pen_on(good, lost))}
    assert set(pens) == {good.run, bad.run}
    for pen in pens.values():
        pen.transcript.say("text", {"delta": "word", "at": 0})
    broken = pens[bad.run]
    broken.take()
    assert broken.in_hand is not None
    broken.in_hand = replace(broken.in_hand, ordinal=2**40)
    async with writing() as writer:
        for pen in pens.values():
            writer.add(pen)
            writer.mark(pen.claim.id)
        async with asyncio.timeout(10):
            with pytest.raises(ClaimLost):
                await writer.settled(broken)
            await writer.settled(pens[good.run])

    assert lost == [bad.run]
    assert len(await outside(lambda: committed(good))) == 1


async def test_what_is_read_when_a_round_begins_is_committed_by_it(
    transactional_db: None, alice: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that reading seldom makes nothing late: each number is committed before the next round begins."""
    monkeypatch.setattr("workspace.runs.writer.PERIOD", 0.2)
    monkeypatch.setattr("workspace.runs.writer.LONGEST_PERIOD", 0.2)
    asked = await outside(lambda: ask(alice))
    lost: list[UUID] = []
    pen = await pen_on(asked, lost)
    pen.has_spoken = True
    async with asyncio.timeout(10), writing() as writer:
        writer.add(pen)
        await writer.round()  # one comes although there is nothing to commit
        for number in range(5):
            pen.transcript.say("text", {"delta": f"{number} ", "at": 0})
            writer.mark(pen.claim.id)
            await writer.round()
            assert numbers(await outside(partial(committed, asked))) == list(range(number + 1))
    assert not lost
