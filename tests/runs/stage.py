"""Runners, engines and followers in one event loop, on the real database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connections

from inference.conf import NANO, EngineTimeouts, InferenceConf
from inference.pool import Pool
from tests.cast import Person
from tests.fakes.answers import Script
from tests.fakes.engines import LocalEngine, local_engine
from tests.fakes.raw_engine import EngineSettings
from tests.runs.diary import Asked, ask
from workspace.common import roles
from workspace.common.work import outside
from workspace.runs.conf import RunsConf
from workspace.runs.contracts import Event, State
from workspace.runs.runner import Runner
from workspace.runs.tails import TailHub

CONF = RunsConf(lease=1.0, heartbeat=0.2, poll=0.2, give_up=1.5)
TIMEOUTS = EngineTimeouts(1.0, 3.0, 1.0)
DEADLINE = 15.0


@contextmanager
def as_web() -> Iterator[None]:
    """What this thread does now, a web process does: a runner may neither queue a run nor revoke a token."""
    runners = connections["default"]
    options = {name: value for name, value in runners.settings_dict["OPTIONS"].items() if name != "pool"}
    login = {"USER": roles.WEB, "PASSWORD": roles.password(roles.WEB, settings.SECRET_KEY), "OPTIONS": options}
    connections["default"] = type(runners)(runners.settings_dict | login, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = runners


def engine_settings(**changes: Any) -> EngineSettings:
    """Sixty words at 200 ids a second."""
    return replace(EngineSettings(rate=200.0, ttft=0.0, script=Script(60, 8)), **changes)


@dataclass
class Working:
    """A runner at work."""

    runner: Runner
    task: "asyncio.Task[None]"

    async def drain(self) -> None:
        """As SIGTERM does."""
        self.runner.drain()
        await self.task

    async def die(self) -> None:
        """As SIGKILL does, as far as one loop can: nothing is handed back."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@dataclass
class Stage:
    """What is there: engines, runners, one hub of tails."""

    person: Person
    engines: list[LocalEngine]
    hub: TailHub = field(default_factory=TailHub)
    pools: list[Pool] = field(default_factory=list)
    working: list[Working] = field(default_factory=list)

    async def runner(self, conf: RunsConf = CONF, *urls: str, timeouts: EngineTimeouts = TIMEOUTS) -> Working:
        """One more runner, listening."""
        addresses = urls or tuple(engine.url for engine in self.engines)
        pool = await Pool.open(InferenceConf(addresses, "", NANO, timeouts, conf.give_up))
        self.pools.append(pool)
        runner = Runner(conf, pool)
        working = Working(runner, asyncio.create_task(runner.run()))
        self.working.append(working)
        async with asyncio.timeout(DEADLINE):
            await runner.is_listening.wait()
        return working

    async def engines_found(self) -> None:
        """Returns when every runner knows every engine."""
        for pool in self.pools:
            async with asyncio.timeout(DEADLINE), pool._changed:
                await pool._changed.wait_for(partial(all_found, pool))

    async def asked_of_engine(self, number: int) -> None:
        """Returns when this engine was asked for something."""
        async with asyncio.timeout(DEADLINE):
            while not self.engines[number].engine.log:  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0.002)

    async def in_state(self, asked: Asked, state: State) -> None:
        """Returns when the run is in this state."""
        async with asyncio.timeout(DEADLINE):
            while (await outside(asked.status)).state is not state:  # noqa: ASYNC110 - the row is another process's to change
                await asyncio.sleep(0.01)

    async def ask(self, question: str = "hello", continues: Asked | None = None, **parameters: Any) -> Asked:
        def asked() -> Asked:
            with as_web():
                return ask(self.person, question, continues, **parameters)

        return await outside(asked)

    async def follow(
        self, asked: Asked, after: int = 0, upto: Callable[[Event], bool] = lambda _: False
    ) -> list[Event]:
        """The events after `after` to the final one, or to the first for which `upto` holds."""
        watch = await outside(asked.watch)
        events: list[Event] = []
        async with asyncio.timeout(DEADLINE):
            tail = self.hub.tail(watch, after)
            async for event in tail:
                events.append(event)
                if upto(event):
                    break
            await tail.aclose()
        return events

    async def close(self) -> None:
        for working in self.working:
            await working.die()
        await self.hub.close()
        for pool in self.pools:
            await pool.close()


def all_found(pool: Pool) -> bool:
    return all(watch.found is not None for watch in pool._watches)


@asynccontextmanager
async def stage(person: Person, *engine_settings: EngineSettings) -> AsyncIterator[Stage]:
    """A stage with these engines and no runner yet."""
    engines = [local_engine(one) for one in engine_settings]
    entered = [await engine.__aenter__() for engine in engines]
    made = Stage(person, entered)
    try:
        yield made
    finally:
        await made.close()
        for engine in engines:
            await engine.__aexit__(None, None, None)


def text_of(events: list[Event]) -> str:
    return "".join(event.data["delta"] for event in events if event.type == "text")


def types_of(events: list[Event]) -> list[str]:
    """The kinds of events in order, each run of texts as one."""
    kinds: list[str] = []
    for event in events:
        if event.type != "text" or kinds[-1:] != ["text"]:
            kinds.append(event.type)
    return kinds


def is_text(event: Event) -> bool:
    return event.type == "text"


def nth(count: int) -> Callable[[Event], bool]:
    """Holds from that many events on."""
    return lambda event: event.sequence >= count
