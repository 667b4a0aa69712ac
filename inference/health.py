"""Keeps watch over one engine: asks it what it is, then whether it is well, and says so whenever that changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from inference.engines.calls import Patience
from inference.engines.probes import EngineAway, EngineUnusable, FoundEngine, Probe

logger = logging.getLogger(__name__)

_CHECK_EVERY = 2.0  # seconds between two looks at a healthy engine
_SHORTEST, _LONGEST = (
    0.1,
    0.5,
)  # seconds between two looks at an absent one: it is used again within a second of its return
_UNUSABLE_AGAIN = 5.0  # seconds; a person must act first


class EngineWatch:
    """`found` is the engine while it is healthy, else None. `open_requests` and `waiting`, whoever holds the engine,
    are kept by the pool. An engine that does not answer a look loses those who heard nothing of it meanwhile: another
    engine can take over long before their own limits.
    """

    def __init__(self, probe: Probe, on_change: Callable[[], Awaitable[None]]) -> None:
        self.name = probe.name
        self.found: FoundEngine | None = None
        self.unusable = ""
        self.open_requests = 0
        self.waiting: set[Patience] = set()
        self.last_taken = 0
        self._probe = probe
        self._on_change = on_change
        self._look = asyncio.Event()

    def doubt(self) -> None:
        """A call failed: the engine gets no new call until it has answered again."""
        self.found = None
        self._look.set()

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
                self.found, pause = None, _SHORTEST
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
        except EngineAway:
            return min(pause * 2, _LONGEST)
        except EngineUnusable as error:
            self._refuse(str(error))
            return _UNUSABLE_AGAIN
        self.found, self.unusable = found, ""
        logger.info("engine found", extra={"engine": self.name, "kind": found.info.kind, "model": found.info.model})
        await self._on_change()
        return _CHECK_EVERY

    def _refuse(self, reason: str) -> None:
        if self.unusable != reason:
            self.unusable = reason
            logger.warning("engine cannot be used", extra={"engine": self.name, "reason": reason})

    async def _rest(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._look.wait()
        except TimeoutError:
            return
        self._look.clear()
