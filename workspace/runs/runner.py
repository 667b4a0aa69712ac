"""The process `turns`: claims runs and writes their answers, many at once.

Any number of these may run, on any machine. Each can be killed at any moment: what it held is claimed by another as
soon as the lease has run out, or at once when it could hand it back.
"""

import asyncio
import logging
import signal
from uuid import UUID, uuid4

import psycopg
import uvloop

from compliance.sealer import seal_for_ever
from inference.conf import InferenceConf
from inference.pool import Pool
from inference.reports import report_for_ever
from workspace.accounts.errors import CredentialRefused
from workspace.common import roles, wakeups
from workspace.common.readiness import say_ready
from workspace.runs import claims, rights
from workspace.runs.conf import RunsConf
from workspace.runs.connections import PAUSE, Line, notices
from workspace.runs.contracts import State
from workspace.runs.rights import Doubts, shown
from workspace.runs.sessions import Desk, Session
from workspace.runs.writer import Writer

logger = logging.getLogger(__name__)

# How long the end of a run that is being written down is waited for at shutdown.
FINISHING_SECONDS = 5.0
HOUR = 3600.0
MAKE_DAYS = "select runs_make_journal_day((now() at time zone 'utc')::date + ahead) from generate_series(0, 2) ahead"


class Runner:
    """One process's part in the work. `run` returns when `drain` was called and everything is handed back."""

    def __init__(self, conf: RunsConf, pool: Pool) -> None:
        self.id = uuid4()
        self.sessions: dict[UUID, Session] = {}
        self._conf = conf
        self._lines = {name: Line(roles.RUNNER) for name in ("claims", "beats", "writer", "listener", "days", "audit")}
        self._desk = Desk(pool, Writer(self._lines["writer"]), conf)
        self._wanted = asyncio.Event()
        self._doubts = Doubts()
        self.is_listening = asyncio.Event()
        self._is_draining = asyncio.Event()

    async def run(self) -> None:
        """Works until it is drained."""
        try:
            async with asyncio.TaskGroup() as group:
                loops = (
                    self._desk.writer.write_for_ever(),
                    self._listen(),
                    self._check_for_ever(),
                    self._beat_for_ever(),
                    self._make_days(),
                    seal_for_ever(self._lines["audit"]),
                    self._claim_for_ever(),
                )
                tasks = [group.create_task(loop) for loop in loops]
                await self._is_draining.wait()
                await self._hand_back(tasks[-1])
                for task in tasks:
                    task.cancel()
        finally:
            for session in self.sessions.values():
                session.let_go()
            for line in self._lines.values():
                await line.close()

    def drain(self) -> None:
        """Claims no more, hands back what it holds, and lets `run` return."""
        self._is_draining.set()

    async def _claim_for_ever(self) -> None:
        while True:
            try:
                await self._claim_all()
            except psycopg.OperationalError:
                logger.warning("claiming broke off", extra={"runner": str(self.id)})
                await asyncio.sleep(PAUSE)
                continue
            try:
                async with asyncio.timeout(self._conf.poll):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()

    async def _claim_all(self) -> None:
        while len(self.sessions) < self._conf.concurrency:
            async with self._lines["claims"].held() as connection:
                claim = await claims.claim(connection, self.id, self._conf.lease, self.sessions)
            if claim is None:
                return
            self._start(Session(claim, self._desk))
            if claim.is_last:
                return

    def _start(self, session: Session) -> None:
        self.sessions[session.claim.id] = session
        session.start().add_done_callback(lambda _: self._ended(session))

    def _ended(self, session: Session) -> None:
        # Else nothing is there that this runner could not have claimed: it was told of each run, and looked.
        if len(self.sessions) == self._conf.concurrency or not session.is_finishing:
            self._wanted.set()
        del self.sessions[session.claim.id]

    async def _beat_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._conf.heartbeat)
            held = {run: session for run, session in self.sessions.items() if not session.is_lost}
            if not held:
                continue
            try:
                async with self._lines["beats"].held() as connection:
                    epochs = {run: session.claim.epoch for run, session in held.items()}
                    states = await claims.beat(connection, epochs, self._conf.lease)
            except psycopg.OperationalError:
                logger.warning("the heartbeat broke off", extra={"runs": len(held)})
                continue
            for run, session in held.items():
                self._take_in(session, states.get(run))

    def _take_in(self, session: Session, state: State | None) -> None:
        """What a heartbeat tells about a run: a stop whose notice was missed, or that the claim is lost."""
        if state is State.STOPPING:
            session.stop()
        elif state is None and not session.is_finishing and self.sessions.get(session.claim.id) is session:
            session.lose()

    async def _listen(self) -> None:
        channels = (wakeups.WORK, wakeups.STOPS, wakeups.REVOKED)
        async for notice in notices(self._lines["listener"], channels):
            match notice:
                case None:
                    self.is_listening.set()
                    self._wanted.set()
                    self._doubts.raise_of_all()
                case wakeups.WORK, _:
                    self._wanted.set()
                case wakeups.STOPS, items:
                    for session in (self.sessions.get(UUID(item)) for item in items):
                        if session is not None:
                            session.stop()
                case _, items:
                    self._doubts.raise_of(UUID(item) for item in items)

    async def _check_for_ever(self) -> None:
        while True:
            doubted = await self._doubts.concern()
            async for what in doubted.refused([s.claim.actor for s in self.sessions.values()], rights.holds):
                for session in self.sessions.values():
                    if shown(session.claim.actor) == what:
                        session.refuse(CredentialRefused())

    async def _make_days(self) -> None:
        """The sweep makes them too; but without a partition for today no answer could be written at all."""
        while True:
            try:
                async with self._lines["days"].held() as connection:
                    await connection.execute(MAKE_DAYS)
            except psycopg.OperationalError:
                await asyncio.sleep(PAUSE)
                continue
            await asyncio.sleep(HOUR)

    async def _hand_back(self, claiming: "asyncio.Task[None]") -> None:
        claiming.cancel()
        await asyncio.gather(claiming, return_exceptions=True)
        held = {session: session.task for session in self.sessions.values()}
        if finishing := [task for session, task in held.items() if session.is_finishing]:
            await asyncio.wait(finishing, timeout=FINISHING_SECONDS)
        for session in held:
            session.let_go()
        await asyncio.gather(*held.values(), return_exceptions=True)
        try:
            async with self._lines["claims"].held() as connection:
                await claims.release(connection, self.id)
        except psycopg.OperationalError:
            logger.warning("handing back broke off", extra={"runner": str(self.id)})


async def serve(runs: RunsConf, inference: InferenceConf) -> None:
    """Works until SIGTERM or SIGINT."""
    pool = await Pool.open(inference)
    try:
        runner = Runner(runs, pool)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, runner.drain)
        async with asyncio.TaskGroup() as group:
            working = group.create_task(runner.run())
            reporting = group.create_task(report_for_ever(pool))
            await runner.is_listening.wait()
            say_ready()
            await working
            reporting.cancel()
    finally:
        await pool.close()


def main() -> None:
    """The process, with the settings of its environment.

    Raises:
        EnvironmentValueError: a setting cannot be used.
    """
    uvloop.run(serve(RunsConf.from_environment(), InferenceConf.from_environment()))
