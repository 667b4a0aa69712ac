"""Notices: which of a person's conversations changed, as server-sent events for the pages that they have open.

One listener a process serves all of them. A notice says that something is to be asked for anew, and nothing of what:
who missed it has lost nothing. A stream holds no database connection, and ends when the actor loses the right.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponseBase

from workspace.accounts.authentication import shown_by
from workspace.accounts.permissions import Capability, require
from workspace.chat.frames import COMMENT, KEEP_ALIVE, answered
from workspace.common import problems, roles, wakeups
from workspace.common.contracts import Actor
from workspace.common.views import only_read
from workspace.common.work import outside
from workspace.runs import rights
from workspace.runs.connections import Line, notices
from workspace.runs.rights import Doubts, shown

logger = logging.getLogger(__name__)

RECHECK_SECONDS: Final = 30.0
# A browser whose stream ended comes back after so many milliseconds.
_BEGINNING: Final = b"retry: 1000\n\n"

# Which conversation changed; None: some were missed, so that any may have.
Change = UUID | None


class Listener:
    """One open page."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.is_ended = False
        self._changed: set[Change] = set()
        self._told = asyncio.Event()

    def tell(self, change: Change) -> None:
        """One more change; the same twice is one."""
        self._changed.add(change)
        self._told.set()

    def end(self) -> None:
        """Nothing more is told."""
        self.is_ended = True
        self._told.set()

    async def taken(self, silence: float | None) -> set[Change]:
        """What changed since the last time; empty after a silence of so many seconds, or at the end."""
        try:
            async with asyncio.timeout(silence):
                await self._told.wait()
        except TimeoutError:
            return set()
        self._told.clear()
        changed, self._changed = self._changed, set()
        return changed


class NoticeHub:
    """All open pages that one process serves, in one event loop."""

    def __init__(self) -> None:
        # By "<workspace>:<user>", as a wake-up names its person.
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._doubts = Doubts()
        self._is_closed = False

    async def changes(self, actor: Actor, silence: float | None = None) -> AsyncGenerator[set[Change]]:
        """What changes from now on; nothing after each silence of so many seconds. It ends when the actor lost the
        right or the hub broke: ask again. Close it (`aclose`) when the client is gone.
        """
        if self._is_closed:
            return
        listener, person = Listener(actor), f"{actor.workspace}:{actor.user}"
        self._listeners[person].add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="notices")
        try:
            while True:
                changed = await listener.taken(silence)
                if listener.is_ended:
                    return
                yield changed
        finally:
            self._listeners[person].discard(listener)
            if not self._listeners[person]:
                del self._listeners[person]

    async def close(self) -> None:
        """Ends every stream, for good: the process stops."""
        self._is_closed = True
        for listener in self._all():
            listener.end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    @property
    def count(self) -> int:
        """How many pages are open now."""
        return len(self._all())

    def _all(self) -> list[Listener]:
        return [listener for listeners in self._listeners.values() for listener in listeners]

    async def _work(self) -> None:
        """What all listeners live on. When it breaks they end, and the next one starts it anew."""
        line = Line(roles.WEB)
        try:
            async with asyncio.TaskGroup() as group:
                for loop in (self._listen(line), self._recheck(), self._check_for_ever()):
                    group.create_task(loop)
        except* Exception as faults:  # noqa: BLE001 - the edge of the hub: the process serves others too
            for fault in faults.exceptions:
                logger.error("notices broke", extra=problems.traced(fault))  # noqa: TRY400 - without its words
        finally:
            for listener in self._all():
                listener.end()
            self._task = None
            await line.close()

    async def _listen(self, line: Line) -> None:
        async for notice in notices(line, (wakeups.CONVERSATIONS, wakeups.REVOKED)):
            match notice:
                case None:
                    for listener in self._all():
                        listener.tell(None)
                    self._doubts.raise_of_all()
                case wakeups.CONVERSATIONS, items:
                    for item in items:
                        person, _, conversation = item.rpartition(":")
                        for listener in self._listeners.get(person, ()):
                            listener.tell(UUID(conversation))
                case _, items:
                    self._doubts.raise_of(UUID(item) for item in items)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            self._doubts.raise_of_all()

    async def _check_for_ever(self) -> None:
        """Ends the streams of whoever lost the right to them."""
        while True:
            doubted = await self._doubts.concern()
            async for what in doubted.refused([listener.actor for listener in self._all()], rights.is_present):
                for listener in self._all():
                    if shown(listener.actor) == what:
                        listener.end()


_hubs: dict[asyncio.AbstractEventLoop, NoticeHub] = {}


def hub() -> NoticeHub:
    """The one of this process's event loop."""
    loop = asyncio.get_running_loop()
    for old in [old for old in _hubs if old.is_closed()]:
        del _hubs[old]
    return _hubs.setdefault(loop, NoticeHub())


@only_read
async def conversation_notices(request: HttpRequest) -> HttpResponseBase:
    """`event: conversation` with `{"id"}` of each of the person's conversations that changes; no id: any may have.

    Raises:
        Unauthenticated, CapabilityMissing: there is nobody to tell.
    """
    actor = await outside(lambda: _admitted(request))
    return answered(stream(actor))


def _admitted(request: HttpRequest) -> Actor:
    with shown_by(request).entered() as actor:
        require(actor, Capability.CHAT)
        return actor


async def stream(actor: Actor, keep_alive: float = KEEP_ALIVE) -> AsyncGenerator[bytes]:
    """The bytes of the notices; a comment after each silence of so many seconds."""
    yield _BEGINNING
    async with aclosing(hub().changes(actor, keep_alive)) as told:
        async for changed in told:
            yield b"".join(map(_framed, changed)) or COMMENT


def _framed(change: Change) -> bytes:
    return b"event: conversation\ndata: %s\n\n" % orjson.dumps({"id": change})
