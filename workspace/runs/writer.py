"""The one writer of a process: commits the new rows of all its runs together, and only then are they shown.

A row that was taken stays in hand until it is known to be committed. When the connection breaks, the same row is sent
again: the key (day, run, ordinal) and the epoch tell whether the first attempt had arrived.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from workspace.common import problems
from workspace.common.ciphers import OpenedKey
from workspace.runs import journal
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.connections import PAUSE, Connection, Line
from workspace.runs.journal import Row
from workspace.runs.transcript import Transcript

logger = logging.getLogger(__name__)

# Seconds from one commit to the next while there is something to commit. The first after a pause goes at once, and so
# does what somebody waits for: the first words of an answer, and its end. Beside many answers each is committed less
# often, for every commit costs the same whether it holds one token or four; 80 ms are still seen as flowing.
PERIOD, PERIOD_FOR_EACH, LONGEST_PERIOD = 0.02, 0.0015, 0.08
# Rows of one statement: their wake-ups fit into one notification.
BATCH = 150


@dataclass(slots=True)
class Pen:
    """A claimed run's place at the writer. `lost` is called once when the claim is gone."""

    claim: Claim
    key: OpenedKey
    transcript: Transcript
    lost: Callable[[], None]
    in_hand: Row | None = None
    is_lost: bool = False
    has_spoken: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> None:
        """Seals what is new into the row that is to be committed next."""
        if self.in_hand is None and (entry := self.transcript.take()) is not None:
            self.in_hand = journal.sealed_row(self.claim.id, self.claim.epoch, entry, self.key)

    @property
    def is_settled(self) -> bool:
        """Whether everything is committed, or never will be."""
        return self.is_lost or (self.in_hand is None and not self.transcript.is_dirty)


class Writer:
    """Runs `write_for_ever` in one task; all others only mark."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pens: dict[UUID, Pen] = {}
        self._marked: set[UUID] = set()
        self._urgent: set[UUID] = set()
        self._wanted = asyncio.Event()
        self._hurried = asyncio.Event()
        self._round = asyncio.Event()
        self._named: tuple[Connection | None, frozenset[UUID]] = None, frozenset()

    def add(self, pen: Pen) -> None:
        """Begins to write for a run."""
        self._pens[pen.claim.id] = pen

    def remove(self, run: UUID) -> None:
        """Forgets a run; what was not committed is dropped."""
        self._pens.pop(run, None)
        self._marked.discard(run)
        self._urgent.discard(run)

    def mark(self, run: UUID) -> None:
        """Says that the run's transcript has grown."""
        self._marked.add(run)
        self._wanted.set()
        pen = self._pens.get(run)
        if pen is not None and not pen.has_spoken and pen.transcript.has_text:
            pen.has_spoken = True
            self._hurry(run)

    async def round(self) -> None:
        """Returns just before the next commit that is due. Who reads only then, reads all that the commit can take in
        one piece, and nothing of it is committed later than if it had been read as it came.
        """
        self._wanted.set()
        await self._round.wait()

    async def settled(self, pen: Pen) -> None:
        """Returns when everything that the transcript holds is committed.

        Raises:
            ClaimLost: it never will be.
        """
        while not pen.is_settled:
            pen.settled.clear()
            self.mark(pen.claim.id)
            self._hurry(pen.claim.id)
            await pen.settled.wait()
        if pen.is_lost:
            raise ClaimLost

    async def write_for_ever(self) -> None:
        """Commits whenever something is marked: all of it once a period, and in between what is urgent."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self._wanted.wait()
            began = loop.time()
            is_due = began >= due
            if is_due:
                due = began + self._period
                await self._let_read()
            pens = self._collected(self._marked if is_due else self._urgent)
            for start in range(0, len(pens), BATCH):
                await self._commit(pens[start : start + BATCH])
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._hurried.wait()

    @property
    def _period(self) -> float:
        return min(max(PERIOD, PERIOD_FOR_EACH * len(self._pens)), LONGEST_PERIOD)

    async def _let_read(self) -> None:
        """Whoever reads now wants the round after this one too."""
        self._wanted.clear()
        self._round, over = asyncio.Event(), self._round
        over.set()
        await asyncio.sleep(0)  # all who waited run before this goes on

    def _hurry(self, run: UUID) -> None:
        self._urgent.add(run)
        self._hurried.set()

    def _collected(self, runs: set[UUID]) -> list[Pen]:
        pens = [self._pens[run] for run in runs if run in self._pens]
        self._marked -= runs
        self._urgent.clear()
        self._hurried.clear()
        for pen in pens:
            pen.take()
        return [pen for pen in pens if pen.in_hand is not None]

    async def _commit(self, pens: list[Pen]) -> None:
        """A row that the database refuses for what it is costs its own run the claim, and nobody else's."""
        try:
            committed, lost = await self._sent(pens)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            logger.warning("writing the journal broke off", extra={"runs": len(pens)})
            committed, lost = set(), set()
            await asyncio.sleep(PAUSE)
        except psycopg.Error as fault:
            if len(pens) > 1:
                for pen in pens:
                    await self._commit([pen])
                return
            refused = {"run": str(pens[0].claim.id)} | problems.traced(fault)
            logger.error("a row cannot be written", extra=refused)  # noqa: TRY400 - without its words
            committed, lost = set(), {pens[0].claim.id}
        for pen in pens:
            self._settle(pen, pen.claim.id in committed, pen.claim.id in lost)

    async def _sent(self, pens: list[Pen]) -> tuple[set[UUID], set[UUID]]:
        """Whose rows are committed, and whose never will be."""
        rows = [pen.in_hand for pen in pens if pen.in_hand is not None]
        async with self._line.held() as connection:
            await self._name_workspaces(connection, pens)
            committed = await _inserted(connection, rows)
            missing = [pen for pen in pens if pen.claim.id not in committed]
            if not missing:
                return committed, set()
            found, lost = await _whereabouts(connection, missing)
            return committed | found, lost

    async def _name_workspaces(self, connection: Connection, pens: list[Pen]) -> None:
        """Says for which workspaces the connection writes, when they are not among those that it was told.

        For the whole session: it is this writer's own, and once a commit would be a round trip for every commit.
        """
        told, workspaces = self._named
        if told is connection and all(pen.claim.actor.workspace in workspaces for pen in pens):
            return
        named = frozenset(pen.claim.actor.workspace for pen in (*self._pens.values(), *pens))
        await connection.execute(SCOPE, [",".join(map(str, named))])
        self._named = connection, named

    def _settle(self, pen: Pen, is_committed: bool, is_lost: bool) -> None:
        if is_committed:
            pen.in_hand = None
        elif is_lost:
            pen.is_lost = True
            self.remove(pen.claim.id)
            pen.lost()
        if pen.is_settled:
            pen.settled.set()
        else:
            self.mark(pen.claim.id)


SCOPE = "select set_config('app.workspaces', %s, false)"


async def _inserted(connection: Connection, rows: list[Row]) -> set[UUID]:
    arguments = {
        "runs": [row.run for row in rows],
        "ordinals": [row.ordinal for row in rows],
        "epochs": [row.epoch for row in rows],
        "first": [row.first_sequence for row in rows],
        "last": [row.last_sequence for row in rows],
        "records": [row.record for row in rows],
        "events": [row.events for row in rows],
    }
    cursor = await connection.cursor(binary=True).execute(journal.INSERT, arguments)
    return {run for (run,) in await cursor.fetchall()}


async def _whereabouts(connection: Connection, pens: list[Pen]) -> tuple[set[UUID], set[UUID]]:
    """Which of these rows are committed after all, and which never will be. The others are to be tried again."""
    arguments = {
        "runs": [pen.claim.id for pen in pens],
        "ordinals": [pen.in_hand.ordinal for pen in pens if pen.in_hand is not None],
        "epochs": [pen.claim.epoch for pen in pens],
        "days": [pen.claim.day for pen in pens],
    }
    found = await (await connection.execute(journal.WHEREABOUTS, arguments)).fetchall()
    return {run for run, _, is_there in found if is_there}, {
        run for run, is_held, is_there in found if not is_held and not is_there
    }
