"""Following runs: one listener and one reader a process feed the tails of all its streams.

A row is read once a wake-up for all tails of a run, and opened by each tail when its client takes it. A tail whose
client does not read is fed no more than `BUFFER` rows; it reads on from the journal when they are gone. So it delays
nobody and holds little.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from uuid import UUID

import psycopg

from workspace.common import problems, roles, wakeups
from workspace.runs import journal, rights
from workspace.runs.connections import Line, notices
from workspace.runs.contracts import Event, Watch
from workspace.runs.journal import SealedEvents
from workspace.runs.rights import Doubts, shown

logger = logging.getLogger(__name__)

BUFFER = 512  # rows
BUNDLE = 32  # rows that are opened at once: while the first of them go out, other streams wait
PAGE = 256  # rows that `journal_after` gives of one run at most
RECHECK_SECONDS = 30.0


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


class TailHub:
    """All tails of one process, in one event loop."""

    def __init__(self) -> None:
        self._tails: defaultdict[UUID, set[Tail]] = defaultdict(set)
        self._unread: set[UUID] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._doubts = Doubts()
        self._listener, self._reader = Line(roles.WEB), Line(roles.WEB)

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

    async def close(self) -> None:
        """Ends every tail and both connections."""
        for tail in self._all():
            tail.end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    @property
    def count(self) -> int:
        """How many clients follow now."""
        return sum(map(len, self._tails.values()))

    def _attach(self, tail: Tail) -> None:
        self._tails[tail.watch.run].add(tail)
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="tails")
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

    async def _work(self) -> None:
        """What all tails live on. When it breaks they end, and the next one starts it anew."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in (self._listen(), self._read(), self._recheck(), self._check_for_ever()):
                    group.create_task(loop)
        except* Exception as faults:  # noqa: BLE001 - the edge of the hub: the process serves others too
            for fault in faults.exceptions:
                logger.error("following runs broke", extra=problems.traced(fault))  # noqa: TRY400 - without its words
        finally:
            for tail in self._all():
                tail.end()
            self._task = None
            listener, self._listener = self._listener, Line(roles.WEB)
            reader, self._reader = self._reader, Line(roles.WEB)
            await listener.close()
            await reader.close()

    async def _listen(self) -> None:
        async for notice in notices(self._listener, (wakeups.RUNS, wakeups.REVOKED)):
            match notice:
                case None:
                    self._want(list(self._tails))
                    self._doubts.raise_of_all()
                case wakeups.RUNS, items:
                    self._want(UUID(item.partition(":")[0]) for item in items)
                case _, items:
                    self._doubts.raise_of(UUID(item) for item in items)

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
        async with self._reader.held() as connection:
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

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            self._want(list(self._tails))
            self._doubts.raise_of_all()

    async def _check_for_ever(self) -> None:
        """Ends the tails of whoever lost the right to them."""
        while True:
            doubted = await self._doubts.concern()
            async for what in doubted.refused([tail.watch.actor for tail in self._all()], rights.is_present):
                for tail in self._all():
                    if shown(tail.watch.actor) == what:
                        tail.end()


_hubs: dict[asyncio.AbstractEventLoop, TailHub] = {}


def hub() -> TailHub:
    """The one of this process's event loop."""
    loop = asyncio.get_running_loop()
    for old in [old for old in _hubs if old.is_closed()]:
        del _hubs[old]
    return _hubs.setdefault(loop, TailHub())
