"""Notices: which of a person's conversations changed, as server-sent events for the pages that they have open.

One listener a process serves all of them. A notice says that something is to be asked for anew, and nothing of what:
who missed it has lost nothing. A stream holds no database connection, and ends when the actor loses the right.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponseBase

from workspace.accounts.authentication import shown_by
from workspace.accounts.permissions import Capability, require
from workspace.chat.frames import COMMENT, KEEP_ALIVE, answered
from workspace.common import wakeups
from workspace.common.contracts import Actor
from workspace.common.views import only_read
from workspace.common.work import outside
from workspace.runs.connections import notices
from workspace.runs.hubs import Hub, of_this_loop

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


class NoticeHub(Hub[Listener]):
    """All open pages that one process serves, in one event loop."""

    name = "notices"

    def __init__(self) -> None:
        super().__init__()
        # By "<workspace>:<user>", as a wake-up names its person.
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._is_closed = False

    async def changes(self, actor: Actor, silence: float | None = None) -> AsyncGenerator[set[Change]]:
        """What changes from now on; nothing after each silence of so many seconds. It ends when the actor lost the
        right or the hub broke: ask again. Close it (`aclose`) when the client is gone.
        """
        if self._is_closed:
            return
        listener, person = Listener(actor), f"{actor.workspace}:{actor.user}"
        self._listeners[person].add(listener)
        self._live(actor)
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
        await super().close()

    def _all(self) -> list[Listener]:
        return [listener for listeners in self._listeners.values() for listener in listeners]

    def _loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return (self._listen(),)

    async def _listen(self) -> None:
        async for notice in notices(self._lines[0], (wakeups.CONVERSATIONS, wakeups.REVOKED)):
            match notice:
                case None:
                    for listener in self._all():
                        listener.tell(None)
                    self._doubt_all()
                case wakeups.CONVERSATIONS, items:
                    for item in items:
                        person, _, conversation = item.rpartition(":")
                        for listener in self._listeners.get(person, ()):
                            listener.tell(UUID(conversation))
                case _, items:
                    self._hear(items)


_hubs: dict[asyncio.AbstractEventLoop, NoticeHub] = {}


def hub() -> NoticeHub:
    """The one of this process's event loop."""
    return of_this_loop(_hubs, NoticeHub)


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
