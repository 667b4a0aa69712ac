"""Keeps watch over one engine: asks it what it is, then whether it is well, and says so whenever that changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from inference.contracts import EngineProblem
from inference.engines.calls import Patience
from inference.engines.probes import EngineAbsent, EngineAway, FoundEngine, Probe

logger = logging.getLogger(__name__)

_CHECK_EVERY = 2.0  # seconds between two looks at a healthy engine
_SHORTEST, _LONGEST = (
    0.1,
    0.5,
)  # seconds between two looks at an absent one: it is used again within a second of its return
_UNUSABLE_AGAIN = 5.0  # seconds; a person must act first
# Seconds after which an engine that has never answered is not waited for: it starts in less, or says that it loads.
_NEVER_SEEN = 10.0
_SOON = {None, EngineProblem.LOADING}


class EngineWatch:
    """`found` is the engine while it is healthy, else None, and `problem` says why. `open_requests` and `waiting`,
    whoever holds the engine, are kept by the pool. An engine that does not answer a look loses those who heard nothing
    of it meanwhile: another engine can take over long before their own limits.
    """

    def __init__(self, probe: Probe, on_change: Callable[[], Awaitable[None]]) -> None:
        self.name = probe.name
        self.found: FoundEngine | None = None
        self.problem: EngineProblem | None = None
        self.open_requests = 0
        self.waiting: set[Patience] = set()
        self.last_taken = 0
        self._probe = probe
        self._on_change = on_change
        self._look = asyncio.Event()
        self._has_answered = False
        self._absent_since = asyncio.get_running_loop().time()

    def is_hopeless(self, patience: float) -> bool:
        """Whether waiting for it is in vain: it has never answered since this process began to look and a person must
        act first, or it has not answered for so many seconds.
        """
        if self.found is not None or self.problem in _SOON:
            return False
        if self.problem is not EngineProblem.UNREACHABLE and not self._has_answered:
            return True
        absent = asyncio.get_running_loop().time() - self._absent_since
        return absent > (patience if self._has_answered else min(patience, _NEVER_SEEN))

    def doubt(self) -> None:
        """A call failed: the engine gets no new call until it has answered again."""
        if self.found is not None:
            self._lose()
        self._look.set()

    def _lose(self) -> None:
        self.found = None
        self._absent_since = asyncio.get_running_loop().time()

    async def watch(self) -> None:
        """Until cancelled."""
        pause = _SHORTEST
        while True:
            began = asyncio.get_running_loop().time()
            if self.found is None:
                pause = await self._search(pause)
                if self.found is None:
                    self._end_silent(began)
            elif not await self._probe.is_still(self.found):
                self._lose()
                pause = _SHORTEST
                logger.warning("engine lost", extra={"engine": self.name})
                self._end_silent(began)
            await self._rest(pause)

    def _end_silent(self, since: float) -> None:
        for patience in self.waiting:
            patience.end(since)

    async def _search(self, pause: float) -> float:
        """Looks once; gives the seconds until the next look."""
        try:
            found = await self._probe.find()
        except EngineAbsent as absent:
            await self._note(absent.problem)
            return min(pause * 2, _LONGEST) if isinstance(absent, EngineAway) else _UNUSABLE_AGAIN
        self.found, self.problem, self._has_answered = found, None, True
        logger.info("engine found", extra={"engine": self.name, "kind": found.info.kind, "model": found.info.model})
        await self._on_change()
        return _CHECK_EVERY

    async def _note(self, problem: EngineProblem) -> None:
        if self.problem is problem:
            return
        self.problem = problem
        logger.warning("engine cannot be used", extra={"engine": self.name, "problem": problem.value})
        await self._on_change()

    async def _rest(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._look.wait()
        except TimeoutError:
            return
        self._look.clear()
