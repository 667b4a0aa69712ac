"""What the pool sees, written down for pages as it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from django.db import connection

from inference import actions, health, reports
from inference.contracts import GONE_AFTER, EngineInfo, EngineProblem, EngineStatus, EngineView
from inference.pool import Pool
from inference.queries import engines
from tests.cast import Person
from tests.fakes.answers import Script
from tests.fakes.engines import local_engine
from tests.fakes.raw_engine import EngineSettings
from tests.fakes.recorded import answering
from tests.inference.conftest import nano_vocabulary, pool_on
from workspace.common.work import outside

QUIET = EngineSettings(rate=0, ttft=0, model="gpt-oss-20b", script=Script(5, 0))
NOBODY = "http://127.0.0.1:9"
READY = EngineStatus("engine-1", EngineInfo("engine-1", "vllm", "gpt-oss-20b", 4096))


@asynccontextmanager
async def reported(pool: Pool) -> AsyncIterator[None]:
    task = asyncio.create_task(reports.report_for_ever(pool))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def once(holds: Callable[[list[EngineView]], bool]) -> list[EngineView]:
    async with asyncio.timeout(10):
        while not holds(seen := await outside(engines)):  # noqa: ASYNC110 - another connection writes the rows
            await asyncio.sleep(0.01)
    return seen


def states(*expected: str) -> Callable[[list[EngineView]], bool]:
    return lambda seen: [view.state for view in seen] == list(expected)


async def test_a_ready_engine_and_one_that_is_away_are_told_apart(as_runner: Person) -> None:
    async with local_engine(QUIET) as engine, pool_on(NOBODY, engine.url) as pool, reported(pool):
        ready, away = await once(states("ready", "away"))

    assert (ready.name, ready.kind, ready.model, ready.is_test_model) == ("engine-2", "llamacpp", "gpt-oss-20b", False)
    assert (ready.problem, ready.what, ready.remedy) == ("", "", "")
    assert (away.name, away.kind, away.problem) == ("engine-1", "", "unreachable")
    assert "ENGINE_URL" in away.remedy


async def test_the_test_model_is_called_one(as_runner: Person) -> None:
    async with local_engine(QUIET) as engine:
        engine.engine.wire.vocabulary = nano_vocabulary()
        async with pool_on(engine.url) as pool, reported(pool):
            seen = await once(states("ready"))

    assert seen[0].is_test_model


async def test_an_engine_that_dies_is_reported_at_once(as_runner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_CHECK_EVERY", 0.05)
    async with local_engine(QUIET) as engine, pool_on(engine.url) as pool, reported(pool):
        await once(states("ready"))
        engine.server.close()

        assert (await once(states("away")))[0].problem == "unreachable"


@pytest.mark.parametrize(
    ("response", "state", "problem"),
    [
        (b"HTTP/1.1 404 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "unusable", "no_engine"),
        (b"HTTP/1.1 401 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "unusable", "wrong_key"),
        (b"HTTP/1.1 503 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "starting", "loading"),
        (b"HTTP/1.1 502 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "away", "unreachable"),
        (b"HTTP/1.1 429 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "away", "unreachable"),
    ],
)
async def test_what_is_wrong_has_a_code_and_words(as_runner: Person, response: bytes, state: str, problem: str) -> None:
    async with answering(response) as url, pool_on(url) as pool, reported(pool):
        [seen] = await once(lambda views: bool(views) and bool(views[0].problem))

    assert (seen.state, seen.problem) == (state, problem)
    assert seen.what
    assert seen.remedy


async def test_a_model_file_that_cannot_be_used_is_why_its_engine_is_away(as_runner: Person, tmp_path: Path) -> None:
    async with pool_on(NOBODY, gguf=tmp_path / "none.gguf") as pool, reported(pool):
        [seen] = await once(lambda views: bool(views) and bool(views[0].problem))

    assert seen.problem == "file_missing"
    assert "GGUF" in seen.remedy


async def test_reports_are_renewed_though_nothing_changes(as_runner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_EVERY", 0.05)
    async with local_engine(QUIET) as engine, pool_on(engine.url) as pool, reported(pool):
        [first] = await once(states("ready"))

        await once(lambda views: bool(views) and views[0].seen_at > first.seen_at)


def aged(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update inference_enginereport set seen_at = now() - make_interval(secs => %s)", [seconds])


def test_an_engine_that_nobody_has_spoken_of_is_gone(as_runner: Person) -> None:
    actions.record([READY], anew=True)
    aged(GONE_AFTER - 5)
    assert len(engines()) == 1

    aged(GONE_AFTER + 1)
    assert engines() == []


def test_a_new_process_forgets_the_engines_of_the_one_before(as_runner: Person) -> None:
    other = EngineStatus("engine-2", problem=EngineProblem.UNREACHABLE)
    actions.record([READY, other], anew=True)
    actions.record([READY], anew=False)
    assert len(engines()) == 2

    actions.record([READY], anew=True)
    assert [view.name for view in engines()] == ["engine-1"]


def test_the_words_come_in_the_readers_language(as_runner: Person) -> None:
    from django.utils import translation

    actions.record([EngineStatus("engine-1", problem=EngineProblem.WRONG_KEY)], anew=True)
    with translation.override("en"):
        assert engines()[0].what == "The engine wants another key."
