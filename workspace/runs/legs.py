"""Writing one answer on whatever engines there are: a leg on each, from what is committed, until it has ended."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from django.db import InterfaceError, OperationalError

from inference.contracts import CompletionRequest, Finished, Tokens
from inference.errors import ContextOverflow, EngineFailed, EngineUnavailable, NoEngine
from inference.pool import Lease, Pool
from workspace.common.contracts import Actor
from workspace.common.work import work
from workspace.runs.claims import Claim
from workspace.runs.conf import RunsConf
from workspace.runs.connections import PAUSE
from workspace.runs.contracts import Prompt, RunRequest, kind_of
from workspace.runs.errors import NoAnswer
from workspace.runs.opening import Prepared
from workspace.runs.records import Ended, Leg
from workspace.runs.transcript import Transcript, Written

logger = logging.getLogger(__name__)
T = TypeVar("T")

# How long an engine whose model has ended its answer is given to say so, with its counts.
LAST_WORD_SECONDS = 1.0


async def persistently(fn: Callable[[], T], actor: Actor) -> T:
    """Runs `fn` in a unit of the actor; again, for as long as the database is away."""
    while True:
        try:
            return await work(fn, actor.workspace, actor.user)
        except (OperationalError, InterfaceError):
            logger.warning("a unit broke off", extra={"workspace": str(actor.workspace)})
            await asyncio.sleep(PAUSE)


@dataclass(slots=True)
class Answering:
    """One claimed run's way to its answer. `grown` says each time that the transcript has more to commit; once there is
    text, the engine is read only when `round` returns.
    """

    claim: Claim
    request: RunRequest
    transcript: Transcript
    continued: Written | None
    prepared: Prepared | None
    pool: Pool
    conf: RunsConf
    grown: Callable[[], None]
    round: Callable[[], Awaitable[None]]
    last_engine: str = ""
    legs: int = 0
    failing_since: float | None = None

    async def answer(self) -> Ended:
        """Writes until the answer has ended. Cancelled, it closes the engine's connection at once.

        Raises:
            NoAnswer: the model ended without a `final` message.
            AtriumError: no engine brought anything for too long, the prompt does not fit, or the kind refuses.
        """
        loop = asyncio.get_running_loop()
        while self.transcript.ended is None:
            began = loop.time()
            try:
                await self._try_engine()
            except NoEngine:
                raise
            except (EngineFailed, EngineUnavailable) as error:
                if self.failing_since is None:
                    # The wait for an engine counts. The silence of one that had taken the call does not: it says
                    # nothing of the others, and is longer than `give_up` may be.
                    self.failing_since = began if isinstance(error, EngineUnavailable) else loop.time()
                logger.warning("a leg failed", extra={"run": str(self.claim.id), "code": error.code})
                if loop.time() - self.failing_since > self.conf.give_up:
                    raise
                await asyncio.sleep(PAUSE)
        if not self.transcript.ended.has_answer and self.transcript.ended.reason == "stop":
            raise NoAnswer
        return self.transcript.ended

    async def _try_engine(self) -> None:
        avoid = frozenset({self.last_engine} - {""})
        async with self.pool.acquire(self.request.policy, self.request.model, avoid=avoid) as lease:
            self.last_engine = lease.engine.name
            await self._leg(lease)

    async def _leg(self, lease: Lease) -> None:
        prompt = await self._prompt(lease)
        engine, fingerprint = lease.engine, lease.vocabulary.fingerprint
        if self.legs and self.transcript.generated:
            self.transcript.say("resumed", {"reason": "engine_replaced"})
        self.legs += 1
        leg = Leg(engine.name, engine.model, lease.route_reason, fingerprint, len(prompt.ids))
        ids = prompt.ids + self.transcript.begin(leg, lease.vocabulary, self.continued)
        self.grown()
        room = prompt.max_tokens - self.transcript.generated
        if self.transcript.is_over or room <= 0:
            self._end(Finished("stop" if self.transcript.is_over else "length", len(prompt.ids), 0, 0))
            return
        salt = self.claim.actor.workspace.hex
        request = CompletionRequest(ids, room, prompt.temperature, cache_salt=salt)
        try:
            async with aclosing(lease.stream(request, self._pace)) as stream:
                await self._follow(stream)
        except ContextOverflow:
            # The prompt fitted before this run wrote behind it, so the context is what ended the answer.
            if not self.transcript.generated:
                raise
            self._end(Finished("length", len(prompt.ids), 0, 0))

    async def _prompt(self, lease: Lease) -> Prompt:
        kind, view = kind_of(self.claim.view.kind), self.claim.view
        vocabulary, context_length = lease.vocabulary, lease.engine.context_length
        prepared, self.prepared = self.prepared, None
        if prepared is not None and prepared.fits(vocabulary, context_length):
            return prepared.prompt
        return await persistently(lambda: kind.prompt(view, vocabulary, context_length), self.claim.actor)

    async def _follow(self, stream: AsyncGenerator[Tokens | Finished, None]) -> None:
        async for item in stream:
            if isinstance(item, Finished):
                self._end(item)
                return
            self.transcript.feed(item)
            self.failing_since = None
            self.grown()
            if self.transcript.is_over:
                self._end(await _last_word(stream))
                return
        raise EngineFailed

    async def _pace(self) -> None:
        """Before there is text somebody waits for it."""
        if self.transcript.has_text and not self.transcript.is_over:
            await self.round()

    def _end(self, finished: Finished) -> None:
        reason = "stop" if self.transcript.is_over else finished.reason
        self.transcript.end(reason, finished.cached_tokens)
        self.grown()


async def _last_word(stream: AsyncGenerator[Tokens | Finished, None]) -> Finished:
    """What the engine says at the end; a model that goes on behind its own end is not listened to."""
    try:
        async with asyncio.timeout(LAST_WORD_SECONDS):
            item = await anext(stream, None)
    except (TimeoutError, EngineFailed):
        item = None
    return item if isinstance(item, Finished) else Finished("stop", 0, 0, 0)
