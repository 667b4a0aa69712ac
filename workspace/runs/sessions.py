"""One claimed run from its claim to its end, in this process."""

import asyncio
import logging
from dataclasses import dataclass, field

from inference.pool import Pool
from workspace.common import problems
from workspace.common.ciphers import OpenedKey
from workspace.common.errors import AtriumError
from workspace.common.keys import KeyDestroyed
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.conf import RunsConf
from workspace.runs.contracts import RunError, State, kind_of
from workspace.runs.errors import RunBroken
from workspace.runs.finishing import Closing, Ending, Finish, abandon, finish, untold
from workspace.runs.legs import Answering, persistently
from workspace.runs.opening import Opening, opened, remains, salvaged
from workspace.runs.transcript import Transcript
from workspace.runs.writer import Pen, Writer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all sessions of a process share."""

    pool: Pool
    writer: Writer
    conf: RunsConf


@dataclass(slots=True, eq=False)
class Session:
    """Runs in a task of its own. `stop` and `refuse` end the run; `let_go` ends only the session."""

    claim: Claim
    desk: Desk
    is_finishing: bool = False
    is_lost: bool = False
    _refusal: AtriumError | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None]" = field(init=False)

    def start(self) -> "asyncio.Task[None]":
        """Begins. Once."""
        self.task = asyncio.create_task(self._run(), name=f"run {self.claim.id}")
        return self.task

    def stop(self) -> None:
        """Somebody asked for an end: the engine's connection closes now, what was written stays."""
        self._stopping.set()

    def refuse(self, error: AtriumError) -> None:
        """The actor lost the right: as `stop`, but the run fails with this error."""
        self._refusal = error
        self._stopping.set()

    def let_go(self) -> None:
        """Closes the engine's connection and writes nothing more. Whoever claims the run goes on."""
        self.task.cancel()

    def lose(self) -> None:
        """Somebody else holds the run."""
        logger.info("a claim was lost", extra={"run": str(self.claim.id), "epoch": self.claim.epoch})
        self.is_lost = True
        self.let_go()

    async def _run(self) -> None:
        try:
            await self._to_its_end()
        except ClaimLost:
            self.is_lost = True
        except KeyDestroyed:
            await self._abandon()
        except Exception as fault:  # noqa: BLE001 - the edge of a run: it must not take the others down
            self._report("a run broke", fault)
            await self._give_up()

    async def _to_its_end(self) -> None:
        opening = await persistently(lambda: opened(self.claim, self.desk.pool.likely), self.claim.actor)
        if opening is None:
            logger.info("a run waits", extra={"run": str(self.claim.id)})
            return
        pen = Pen(self.claim, opening.key, opening.transcript, self.lose)
        self.desk.writer.add(pen)
        try:
            ending = await self._ending(opening)
            await self.desk.writer.settled(pen)
            self.is_finishing = True
            closing = Closing(self.claim, opening.key, opening.transcript, ending)
            await self._finish(closing, kind_of(self.claim.view.kind).finish)
        finally:
            self.desk.writer.remove(self.claim.id)

    async def _finish(self, closing: Closing, told: Finish) -> None:
        await persistently(lambda: finish(closing, told), self.claim.actor)
        ended = {"run": str(self.claim.id), "state": closing.ending.state.value}
        logger.info("a run ended", extra=ended)

    async def _ending(self, opening: Opening) -> Ending:
        self._greet(opening)
        if self.claim.state is State.STOPPING:
            return Ending(State.STOPPED)
        if opening.request is None or opening.refusal is not None:
            return failed(opening.refusal or RunBroken())
        answering = Answering(
            self.claim,
            opening.request,
            opening.transcript,
            opening.continued,
            opening.prepared,
            self.desk.pool,
            self.desk.conf,
            self._grown,
            self.desk.writer.round,
        )
        answer, stop = asyncio.create_task(answering.answer()), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({answer, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                return failed(self._refusal) if self._refusal is not None else Ending(State.STOPPED)
            return Ending(State.DONE, answer.result().reason)
        except AtriumError as error:
            return failed(error)
        finally:
            answer.cancel()
            stop.cancel()
            await asyncio.gather(answer, stop, return_exceptions=True)

    def _greet(self, opening: Opening) -> None:
        transcript = opening.transcript
        if not transcript.sequence:
            transcript.say("started", opening.request.started if opening.request else {})
        elif transcript.ended is None and self.claim.state is not State.STOPPING:
            transcript.say("resumed", {"reason": "runner_replaced"})
        self._grown()

    def _grown(self) -> None:
        if kind_of(self.claim.view.kind).is_followed:
            self.desk.writer.mark(self.claim.id)

    async def _give_up(self) -> None:
        """Ends the run as failed with what is committed and can be read. A kind that fails at that too is not told."""
        try:
            key, transcript = await self._salvaged()
            closing = Closing(self.claim, key, transcript, failed(RunBroken()))
            try:
                await self._finish(closing, kind_of(self.claim.view.kind).finish)
            except Exception as fault:  # noqa: BLE001 - the same edge
                self._report("a run cannot be finished", fault)
                await self._finish(closing, untold)
        except ClaimLost:
            self.is_lost = True
        except KeyDestroyed:
            await self._abandon()

    async def _salvaged(self) -> tuple[OpenedKey, Transcript]:
        try:
            return await persistently(lambda: salvaged(self.claim), self.claim.actor)
        except KeyDestroyed:
            raise
        except Exception as fault:  # noqa: BLE001 - the same edge
            self._report("a run cannot be restored", fault)
            return await persistently(lambda: remains(self.claim), self.claim.actor)

    async def _abandon(self) -> None:
        try:
            await persistently(lambda: abandon(self.claim, Ending(State.STOPPED)), self.claim.actor)
        except ClaimLost:
            self.is_lost = True

    def _report(self, message: str, fault: Exception) -> None:
        """Without the fault's own words, which may be what a person wrote."""
        logger.error(message, extra={"run": str(self.claim.id)} | problems.traced(fault))


def failed(error: AtriumError) -> Ending:
    """The ending that tells people why."""
    return Ending(State.FAILED, error=RunError(error.code, str(error), error.retryable))
