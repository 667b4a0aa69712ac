"""Real runner processes, killed and paused: nothing that was seen changes, and nothing is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.cast import Person
from tests.runs.diary import Diary
from tests.runs.stage import Stage, engine_settings, nth, stage, text_of
from workspace.common.work import outside

pytestmark = pytest.mark.kills

ROOT = Path(__file__).resolve().parents[2]
LEASE = 1.0


@contextmanager
def turns_process(here: Stage) -> Iterator["subprocess.Popen[bytes]"]:
    """A runner; it says that it is ready on a descriptor, as to its supervisor."""
    named = connection.settings_dict
    read, write = os.pipe()
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{named['HOST']}:{named['PORT']}/{named['NAME']}",
        "ATRIUM_ROLE": "runner",
        "ENGINE_URL": ",".join(engine.url for engine in here.engines),
        "ATRIUM_RUN_LEASE": str(LEASE),
        "ATRIUM_READY_FD": str(write),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.runs.process"], cwd=ROOT, env=environment, pass_fds=[write]
    )
    os.close(write)
    try:
        assert os.read(read, 1) == b"1"
        yield process
    finally:
        os.close(read)
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


async def test_a_killed_process_is_replaced_by_another(transactional_db: None, alice: Person, diary: Diary) -> None:
    async with stage(alice, engine_settings(rate=40)) as here:
        asked = await here.ask()
        with turns_process(here) as first:
            seen = await here.follow(asked, upto=nth(20))
            first.kill()
            with turns_process(here):
                events = seen + await here.follow(asked, after=seen[-1].sequence)

        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert text_of(events) == here.engines[0].engine.log[0].answer.final
        assert events == await here.follow(asked)
        assert len(here.engines[0].engine.log) == 2


async def test_a_process_that_was_paused_for_longer_than_its_lease_writes_nothing(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    async with stage(alice, engine_settings(rate=40)) as here:
        asked = await here.ask()
        with turns_process(here) as paused:
            seen = await here.follow(asked, upto=nth(20))
            paused.send_signal(signal.SIGSTOP)
            with turns_process(here):
                seen += await here.follow(asked, seen[-1].sequence, lambda event: event.type == "resumed")
                paused.send_signal(signal.SIGCONT)
                events = seen + await here.follow(asked, after=seen[-1].sequence)

        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert [event.type for event in events].count("resumed") == 1
        assert text_of(events) == here.engines[0].engine.log[0].answer.final
        assert events == await here.follow(asked)


async def test_a_process_that_is_ended_hands_its_runs_back(transactional_db: None, alice: Person, diary: Diary) -> None:
    async with stage(alice, engine_settings(rate=40)) as here:
        asked = await here.ask()
        with turns_process(here) as first:
            seen = await here.follow(asked, upto=nth(20))
            first.terminate()
            assert await outside(lambda: first.wait(5)) == 0
            with turns_process(here):
                events = seen + await here.follow(asked, after=seen[-1].sequence)

        assert text_of(events) == here.engines[0].engine.log[0].answer.final
