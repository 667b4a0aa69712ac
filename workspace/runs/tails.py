"""Following runs: one listener and one reader a process feed the tails of all its streams.

A row is read once a wake-up for all tails of a run, and opened by each tail when its client takes it. A tail whose
client does not read is fed no more than `BUFFER` rows; it reads on from the journal when they are gone. So it delays
nobody and holds little.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import aclosing
from typing import Any
from uuid import UUID

import psycopg

from workspace.common import wakeups
from workspace.common.contracts import Actor
from workspace.runs import journal
from workspace.runs.connections import notices
from workspace.runs.contracts import Event, Watch
from workspace.runs.hubs import Hub, of_this_loop
from workspace.runs.journal import SealedEvents

logger = logging.getLogger(__name__)

BUFFER = 512  # rows
BUNDLE = 32  # rows that are opened at once: while the first of them go out, other streams wait
PAGE = 256  # rows that `journal_after` gives of one run at most


class Tail:
    """One client's place in one journal."""

    def __init__(self, watch: Watch, after: int) -> None:
        self.watch = watch
        self.ordinal = 0
        self.rows: deque[SealedEvents] = deque()
        self.is_behind = False
        self.is_ended = False
        self._after = after
        self._changed = asyncio.Event()

    @property
    def actor(self) -> Actor:
        return self.watch.actor

    def feed(self, row: SealedEvents) -> None:
        """Takes a row that comes after what it has; a full tail falls behind instead."""
        if row.ordinal <= self.ordinal or self.is_behind:
            return
        if len(self.rows) >= BUFFER:
            self.is_behind = True
            return
        self.ordinal = row.ordinal
        if row.last_sequence > self._after:
            self.rows.append(row)
            self._changed.set()

    def end(self) -> None:
        """Nothing more is given, not even what was fed already."""
        self.is_ended = True
        self._changed.set()

    async def changed(self, silence: float | None) -> bool:
        """Waits for something to give, for so many seconds at most; whether it came."""
        if self._changed.is_set():
            return True
        try:
            async with asyncio.timeout(silence):
                return await self._changed.wait()
        except TimeoutError:
            return False

    def taken(self) -> list[Event]:
        """The next events, of up to `BUNDLE` rows; none when there is nothing."""
        events: list[Event] = []
        for _ in range(min(BUNDLE, len(self.rows))):
            events += self.rows.popleft().opened(self.watch.key)
        if not self.rows:
            self._changed.clear()
        return [event for event in events if event.sequence > self._after]


class TailHub(Hub[Tail]):
    """All tails of one process, in one event loop."""

    name = "tails"
    lines = 2  # one listens, one reads

    def __init__(self) -> None:
        super().__init__()
        self._tails: defaultdict[UUID, set[Tail]] = defaultdict(set)
        self._unread: set[UUID] = set()
        self._wanted = asyncio.Event()

    async def tail(self, watch: Watch, after: int = 0) -> AsyncGenerator[Event, None]:
        """The events after the sequence number `after`, the final one last. It ends without a final event when the
        actor lost the right, when the journal of a run that is over is gone, or when the hub broke: ask again.

        Close it (`aclose`) when the client is gone.

        Raises:
            SealBroken: the watch has another's key.
        """
        async with aclosing(self.bundles(watch, after)) as bundles:
            async for events in bundles:
                for event in events:
                    yield event

    async def bundles(self, watch: Watch, after: int = 0, silence: float | None = None) -> AsyncGenerator[list[Event]]:
        """As `tail`, with all events that are there at once; none after each silence of so many seconds."""
        if watch.last_sequence is not None and after >= watch.last_sequence:
            return
        tail = Tail(watch, after)
        self._attach(tail)
        try:
            while True:
                has_come = await tail.changed(silence)
                if tail.is_ended:
                    return
                events = tail.taken()
                if events or not has_come:
                    yield events
                if events and events[-1].is_final:
                    return
                if tail.is_behind and not tail.rows:
                    tail.is_behind = False
                    self._want([watch.run])
        finally:
            self._detach(tail)

    def _attach(self, tail: Tail) -> None:
        self._tails[tail.watch.run].add(tail)
        self._live(tail.actor)
        self._want([tail.watch.run])

    def _detach(self, tail: Tail) -> None:
        self._tails[tail.watch.run].discard(tail)
        if not self._tails[tail.watch.run]:
            del self._tails[tail.watch.run]

    def _want(self, runs: Iterable[UUID]) -> None:
        self._unread.update(run for run in runs if run in self._tails)
        if self._unread:
            self._wanted.set()

    def _all(self) -> list[Tail]:
        return [tail for tails in self._tails.values() for tail in tails]

    def _loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return self._listen(), self._read()

    def _doubt_all(self) -> None:
        self._want(list(self._tails))
        super()._doubt_all()

    async def _listen(self) -> None:
        async for notice in notices(self._lines[0], (wakeups.RUNS, wakeups.REVOKED)):
            match notice:
                case None:
                    self._doubt_all()
                case wakeups.RUNS, items:
                    self._want(UUID(item.partition(":")[0]) for item in items)
                case _, items:
                    self._hear(items)

    async def _read(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            unread, self._unread = self._unread, set()
            try:
                await self._feed(self._places(unread))
            except psycopg.OperationalError:
                logger.warning("reading the journal broke off", extra={"runs": len(unread)})
                self._want(unread)

    def _places(self, unread: set[UUID]) -> dict[UUID, Tail]:
        """Each run's tail that is the furthest behind of those that can take more."""
        places: dict[UUID, Tail] = {}
        for run in unread:
            ready = [tail for tail in self._tails.get(run, ()) if not tail.is_behind]
            if ready:
                places[run] = min(ready, key=lambda tail: tail.ordinal)
        return places

    async def _feed(self, places: dict[UUID, Tail]) -> None:
        if not places:
            return
        asked = {run: tail.ordinal for run, tail in places.items()}
        arguments = (list(places), [tail.watch.day for tail in places.values()], list(asked.values()))
        async with self._lines[1].held() as connection:
            cursor = await connection.cursor(binary=True).execute(journal.AFTER, arguments)
            rows = [SealedEvents(*row) for row in await cursor.fetchall()]
        counts: defaultdict[UUID, int] = defaultdict(int)
        for row in rows:
            counts[row.run] += 1
            for tail in self._tails.get(row.run, ()):
                # One that came or went back during the read lacks what lies before: it has a read of its own to come.
                if tail.ordinal >= asked[row.run]:
                    tail.feed(row)
        self._want([run for run, count in counts.items() if count == PAGE])
        self._end_forgotten(places, counts)

    def _end_forgotten(self, places: dict[UUID, Tail], counts: dict[UUID, int]) -> None:
        """A run that is over writes no more; where its journal is gone, so is what its tail waits for."""
        for run, place in places.items():
            if place.watch.last_sequence is not None and not counts.get(run) and not place.rows:
                place.end()


_hubs: dict[asyncio.AbstractEventLoop, TailHub] = {}


def hub() -> TailHub:
    """The one of this process's event loop."""
    return of_this_loop(_hubs, TailHub)
