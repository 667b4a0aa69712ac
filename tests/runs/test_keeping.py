"""What the clock is due to do to journals, and what a room does with its runs."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest

from tests.cast import Person
from tests.runs.diary import Asked, Diary, ask
from workspace.common.errors import NotFound
from workspace.common.work import unit
from workspace.runs import actions, keeping, queries
from workspace.runs.contracts import State

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])


@pytest.fixture
def superuser(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def days(superuser: psycopg.Connection) -> set[str]:
    rows = superuser.execute("select relname from pg_class where relname ~ '^runs_journal_[0-9]{8}$'").fetchall()
    return {name for (name,) in rows}


def name_of(day: date) -> str:
    return f"runs_journal_{day:%Y%m%d}"


def today(superuser: psycopg.Connection) -> date:
    row = superuser.execute("select (now() at time zone 'utc')::date").fetchone()
    assert row is not None
    found: date = row[0]
    return found


def aged(superuser: psycopg.Connection, asked: Asked, days_ago: int, **columns: object) -> date:
    """Moves a run with one row of journal into the past."""
    day = today(superuser) - timedelta(days=days_ago)
    superuser.execute("select runs_make_journal_day(%s)", [day])
    superuser.execute("update runs_run set day = %s where id = %s", [day, asked.run])
    for column, value in columns.items():
        superuser.execute(f"update runs_run set {column} = %s where id = %s".encode(), [value, asked.run])
    superuser.execute(
        "insert into runs_journal (day, workspace_id, run, ordinal, epoch, record, events, first_sequence,"
        " last_sequence) values (%s, %s, %s, 1, 1, 'x', 'y', 1, 1)",
        [day, asked.person.workspace, asked.run],
    )
    return day


def test_days_are_made_ahead_once(superuser: psycopg.Connection) -> None:
    ahead = today(superuser) + timedelta(days=keeping.DAYS_AHEAD)
    superuser.execute(f"drop table if exists {name_of(ahead)}".encode())

    assert keeping.make_days() == 1
    assert keeping.make_days() == 0
    assert name_of(ahead) in days(superuser)


def test_an_old_day_goes_when_all_its_runs_are_over(superuser: psycopg.Connection, alice: Person, diary: Diary) -> None:
    over, unfinished, recent = ask(alice), ask(alice), ask(alice)
    gone = aged(superuser, over, 20, state="done", ended_at=today(superuser))
    kept = aged(superuser, unfinished, 21)
    young = aged(superuser, recent, 3, state="done", ended_at=today(superuser))

    assert keeping.drop_days() == 1

    assert name_of(gone) not in days(superuser)
    assert {name_of(kept), name_of(young)} <= days(superuser)
    superuser.execute("update runs_run set ended_at = now(), state = 'done'")
    assert keeping.drop_days() == 1
    superuser.execute(f"drop table {name_of(young)}".encode())


def test_a_long_reader_and_a_day_to_drop_hold_up_no_writer(
    superuser: psycopg.Connection, database_url: str, alice: Person, diary: Diary
) -> None:
    old, older = ask(alice), ask(alice)
    gone = {
        name_of(aged(superuser, one, ago, state="done", ended_at=today(superuser)))
        for one, ago in ((old, 22), (older, 23))
    }
    with psycopg.connect(database_url) as reader:
        reader.execute("select count(*) from runs_journal")
        began = time.monotonic()

        assert keeping.drop_days() == 0

        assert time.monotonic() - began < 1
        assert gone <= days(superuser)
    assert keeping.drop_days() == 1
    assert len(gone & days(superuser)) == 1
    assert keeping.drop_days() == 1
    assert not gone & days(superuser)


def test_token_ids_go_after_their_hours_and_events_stay(
    superuser: psycopg.Connection, alice: Person, diary: Diary
) -> None:
    old, young = ask(alice), ask(alice)
    aged(superuser, old, 0, state="stopped", ended_at=today(superuser) - timedelta(days=2))
    aged(superuser, young, 0, state="stopped", ended_at=today(superuser) + timedelta(days=1))

    assert keeping.drop_tokens() == 1
    assert keeping.drop_tokens() == 0

    rows = superuser.execute("select run, record, events from runs_journal").fetchall()
    assert {run: (record, events) for run, record, events in rows} == {
        old.run: (None, b"y"),
        young.run: (b"x", b"y"),
    }


def test_what_a_room_forgets_is_gone_with_its_journal(
    superuser: psycopg.Connection, alice: Person, diary: Diary
) -> None:
    asked, other = ask(alice), ask(alice)
    aged(superuser, asked, 0)
    aged(superuser, other, 0)

    with unit(alice.workspace, alice.user.id):
        assert actions.forget([asked.subject]) == 1
        with pytest.raises(NotFound):
            queries.run_view(asked.run)

    assert superuser.execute("select run from runs_journal").fetchall() == [(other.run,)]


def test_a_run_of_another_workspace_is_not_there(alice: Person, charlie: Person, diary: Diary) -> None:
    asked = ask(alice)

    with unit(charlie.workspace, charlie.user.id):
        for question in (queries.run_view, queries.status_of):
            with pytest.raises(NotFound):
                question(asked.run)
            with pytest.raises(NotFound):
                question(uuid4())
        assert not actions.stop(asked.run)
        assert not actions.wake(asked.run)

    assert asked.status().state is State.QUEUED


def test_the_place_in_the_queue_counts_everybodys_runs(alice: Person, charlie: Person, diary: Diary) -> None:
    first, second, third = ask(alice), ask(charlie), ask(alice)

    assert [asked.status().queue_position for asked in (first, second, third)] == [1, 2, 3]
    first.stop()
    assert [asked.status().queue_position for asked in (first, second, third)] == [None, 1, 2]
