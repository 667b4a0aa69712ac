import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from inference import health
from inference.contracts import EngineProblem
from inference.engines.calls import Address
from inference.engines.probes import Probe
from inference.health import EngineWatch
from inference.token_lists import GgufVocabulary, TokenLists
from tests.fakes.engines import LocalEngine, local_engine
from tests.fakes.raw_engine import EngineSettings

QUIET = EngineSettings(rate=0, ttft=0)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_CHECK_EVERY", 0.05)


@asynccontextmanager
async def watched(engine: LocalEngine) -> AsyncIterator[EngineWatch]:
    changed = asyncio.Event()

    async def on_change() -> None:
        changed.set()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        watch = EngineWatch(Probe(session, Address(engine.url, ""), "engine-1", TokenLists(None)), on_change)
        task = asyncio.create_task(watch.watch())
        async with asyncio.timeout(5):
            await changed.wait()
        yield watch
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happens():  # noqa: ASYNC110 - a watch tells when it has found, not when it has lost
            await asyncio.sleep(0)


async def test_an_engine_that_dies_between_calls_is_noticed() -> None:
    async with local_engine(QUIET) as engine, watched(engine) as watch:
        engine.server.close()
        await until(lambda: watch.found is None)


async def test_an_engine_that_serves_another_model_is_looked_at_anew(nano: GgufVocabulary) -> None:
    async with local_engine(QUIET) as engine, watched(engine) as watch:
        engine.engine.wire.vocabulary = nano
        await until(lambda: watch.found is None)


async def test_an_engine_that_has_answered_is_waited_for_while_somebody_starts_it_anew() -> None:
    async with local_engine(QUIET) as engine, watched(engine) as watch:
        watch.doubt()
        watch.problem = EngineProblem.NO_ENGINE

        assert not watch.is_hopeless(30.0)


async def test_a_doubted_engine_is_found_again_once_it_has_answered() -> None:
    async with local_engine(QUIET) as engine, watched(engine) as watch:
        watch.doubt()
        assert watch.found is None

        await until(lambda: watch.found is not None)
