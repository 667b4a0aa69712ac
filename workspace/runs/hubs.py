"""What the open streams of one process live on: loops that begin with the first of them, and the end of those whose
actor lost the right.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from workspace.common import problems, roles
from workspace.common.contracts import Actor
from workspace.runs import rights
from workspace.runs.connections import Line
from workspace.runs.rights import Doubts, shown

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 30.0


class Stream(Protocol):
    """What one client follows."""

    @property
    def actor(self) -> Actor: ...

    def end(self) -> None:
        """Nothing more is given."""


S = TypeVar("S", bound=Stream)
H = TypeVar("H", bound="Hub[Any]")


class Hub(ABC, Generic[S]):
    """All streams of one kind, in one event loop. When what they live on breaks they end, and the next one starts it
    anew.
    """

    name: ClassVar[str]
    lines: ClassVar[int] = 1
    """Connections of its own that it listens and reads on."""

    def __init__(self) -> None:
        self._doubts = Doubts()
        self._revoked: dict[UUID, float] = {}
        self._lines = self._new_lines()
        self._task: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ends every stream and the connections."""
        self._end_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    @property
    def count(self) -> int:
        """How many clients follow now."""
        return len(self._all())

    @abstractmethod
    def _all(self) -> list[S]:
        """The streams that are open."""

    @abstractmethod
    def _loops(self) -> Iterable[Coroutine[Any, Any, None]]:
        """What feeds the streams."""

    def _doubt_all(self) -> None:
        """Every stream is looked after again: something may have been missed."""
        self._doubts.raise_of_all()

    def _hear(self, revoked: Iterable[str]) -> None:
        """Those of whom a right was taken away. Who was admitted just before and comes just after is doubted too."""
        now = asyncio.get_running_loop().time()
        doubted = dict.fromkeys(map(UUID, revoked), now)
        lately = {who: at for who, at in self._revoked.items() if at > now - RECHECK_SECONDS}
        self._revoked = lately | doubted
        self._doubts.raise_of(doubted)

    def _live(self, actor: Actor) -> None:
        """Starts what the streams live on, for the stream that this actor begins."""
        if doubted := self._revoked.keys() & set(shown(actor)):
            self._doubts.raise_of(doubted)
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name=self.name)

    async def _work(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for loop in (*self._loops(), self._recheck(), self._check_for_ever()):
                    group.create_task(loop)
        except* Exception as faults:  # noqa: BLE001 - the edge of the hub: the process serves others too
            for fault in faults.exceptions:
                told = problems.traced(fault) | {"streams": self.name}
                logger.error("what streams live on broke", extra=told)  # noqa: TRY400 - without its words
        finally:
            self._end_all()
            self._task = None
            lines, self._lines = self._lines, self._new_lines()
            for line in lines:
                await line.close()

    def _new_lines(self) -> list[Line]:
        return [Line(roles.WEB) for _ in range(self.lines)]

    def _end_all(self) -> None:
        for stream in self._all():
            stream.end()

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            self._doubt_all()

    async def _check_for_ever(self) -> None:
        """Ends the streams of whoever lost the right to them."""
        while True:
            doubted = await self._doubts.concern()
            async for what in doubted.refused([stream.actor for stream in self._all()], rights.is_present):
                for stream in self._all():
                    if shown(stream.actor) == what:
                        stream.end()


def of_this_loop(hubs: dict[asyncio.AbstractEventLoop, H], make: Callable[[], H]) -> H:
    """The hub of this process's event loop, made when it is first asked for; those of closed loops are forgotten."""
    loop = asyncio.get_running_loop()
    for old in [old for old in hubs if old.is_closed()]:
        del hubs[old]
    if loop not in hubs:
        hubs[loop] = make()
    return hubs[loop]
