"""Whatever became of a journal, its run comes to an end and its subject keeps its text."""

import psycopg
import pytest

from tests.cast import Person
from tests.runs.diary import Diary
from tests.runs.stage import engine_settings, nth, stage, text_of
from tests.runs.test_writer import claimed
from workspace.common.work import outside, work
from workspace.runs.contracts import State
from workspace.runs.opening import salvaged


@pytest.mark.parametrize("column", ["record", "events"])
async def test_a_run_whose_journal_is_damaged_ends(
    as_runner: Person, diary: Diary, database_url: str, column: str
) -> None:
    async with stage(as_runner, engine_settings(rate=60)) as here:
        first = await here.runner()
        asked = await here.ask()
        seen = await here.follow(asked, upto=nth(15))
        await first.die()
        await outside(asked.stop)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
            last = "select max(ordinal) from runs_journal where events is not null"
            await superuser.execute(f"update runs_journal set {column} = 'x' where ordinal = ({last})".encode())
        await here.runner()

        await here.in_state(asked, State.FAILED)

        [outcome] = diary.outcomes[asked.run]
        assert outcome.error is not None
        assert outcome.error.code == "internal"
        assert outcome.text
        watch = await outside(asked.watch)
        assert watch.last_sequence is not None
        assert watch.last_sequence > seen[-1].sequence
        if column == "record":
            events = await here.follow(asked)
            assert [event.sequence for event in events] == list(range(1, watch.last_sequence + 1))
            assert (events[-1].type, text_of(events)) == ("failed", outcome.text)


async def test_a_broken_run_keeps_what_its_subject_holds_when_the_earlier_journal_is_gone(
    as_runner: Person, diary: Diary, database_url: str
) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        working = await here.runner()
        asked = await here.ask(max_tokens=25)
        await here.follow(asked)
        await working.drain()
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
            await superuser.execute("delete from runs_journal")
        await here.ask(continues=asked)
        claim = await claimed()

        _, transcript = await work(lambda: salvaged(claim), as_runner.workspace, as_runner.user.id)

        assert transcript.text == diary.texts[asked.subject] != ""
