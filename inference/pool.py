"""The one door to the models: chooses an engine under a data policy and streams raw completions from it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import aiohttp

from inference.conf import InferenceConf
from inference.contracts import CompletionRequest, EngineInfo, EngineStatus, Finished, Tokens
from inference.engines import llamacpp, vllm
from inference.engines.calls import Address, EngineCall, JsonObject, Pace, Patience, at_once
from inference.engines.probes import FoundEngine, Probe
from inference.errors import ContextOverflow, EngineFailed, EngineUnavailable, ModelNotServed, NoEngine
from inference.health import EngineWatch
from inference.remedies import REMEDIES
from inference.token_lists import TokenLists
from inference.vocabulary import Vocabulary

if TYPE_CHECKING:
    from compliance.contracts import DataPolicy

_LOOK_AGAIN = 1.0  # seconds; that an engine has become hopeless is told by the clock alone


class Lease:
    """One engine, held for one run: it counts as an open request until the pool's context ends, which also closes
    every stream of it.
    """

    def __init__(self, pool: "Pool", watch: EngineWatch, found: FoundEngine, route_reason: str) -> None:
        self.route_reason = route_reason
        self._pool = pool
        self._watch = watch
        self._found = found
        self._patience = Patience()
        self._streams = AsyncExitStack()

    @property
    def engine(self) -> EngineInfo:
        return self._found.info

    @property
    def vocabulary(self) -> Vocabulary:
        return self._found.vocabulary

    def stream(
        self, request: CompletionRequest, before_read: Pace = at_once
    ) -> AsyncGenerator[Tokens | Finished, None]:
        """The answer's ids as they come or, where `before_read` waits, as they have gathered; `Finished` last.
        `aclose()` closes the engine's connection at once; so does the end of the lease.

        Raises:
            ContextOverflow: the prompt leaves no room for an answer.
            EngineUnavailable, EngineFailed, EngineTimeout, EngineRefused: as `inference.errors` says. After the first
                three the pool looks at the engine again before it gives it another call.
        """
        stream = self._stream(request, before_read)
        self._streams.push_async_callback(stream.aclose)
        return stream

    async def __aenter__(self) -> "Lease":
        self._watch.open_requests += 1
        self._watch.waiting.add(self._patience)
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._watch.open_requests -= 1
        self._watch.waiting.discard(self._patience)
        await self.close()

    async def close(self) -> None:
        await self._streams.aclose()

    async def _stream(self, request: CompletionRequest, before_read: Pace) -> AsyncGenerator[Tokens | Finished, None]:
        room = self.engine.context_length - len(request.prompt)
        if room <= 0:
            raise ContextOverflow.of(len(request.prompt), self.engine.context_length)
        fitted = replace(request, max_tokens=min(request.max_tokens, room))
        try:
            async with aclosing(self._raw(fitted, before_read)) as items:
                async for item in items:
                    yield item
        except ContextOverflow:
            raise ContextOverflow.of(len(request.prompt), self.engine.context_length) from None
        except (EngineFailed, EngineUnavailable):
            self._watch.doubt()
            raise

    def _raw(self, request: CompletionRequest, before_read: Pace) -> AsyncGenerator[Tokens | Finished, None]:
        call = partial(self._pool.call, self.engine.name, patience=self._patience, before_read=before_read)
        if self.engine.kind == "llamacpp":
            return llamacpp.stream(call(llamacpp.PATH, llamacpp.body(request)), self.vocabulary)
        body = vllm.body(request, self._found.served_as, self.vocabulary)
        return vllm.stream(call(vllm.PATH, body), self.vocabulary)


@dataclass(frozen=True, slots=True)
class _Choice:
    watch: EngineWatch
    found: FoundEngine
    reason: str


class Pool:
    """All engines of this process. Made by `open` inside a running loop, ended by `close`."""

    def __init__(self, conf: InferenceConf, session: aiohttp.ClientSession, lists: TokenLists) -> None:
        self._conf = conf
        self._session = session
        self._changed = asyncio.Condition()
        self._turns = count(1)
        self._addresses = {
            f"engine-{number}": Address(url.rstrip("/"), conf.key) for number, url in enumerate(conf.urls, 1)
        }
        self._watches = [
            EngineWatch(Probe(session, address, name, lists), self._announce)
            for name, address in self._addresses.items()
        ]
        self._tasks = [asyncio.create_task(watch.watch(), name=f"watch {watch.name}") for watch in self._watches]

    @classmethod
    async def open(cls, conf: InferenceConf) -> "Pool":
        """Starts to watch the engines; does not wait for any. A model file that cannot be used is a problem of those
        engines that would need it.
        """
        lists = await asyncio.to_thread(TokenLists.read, conf.gguf)
        # A connection a call: one that an engine's death left behind would fail a request that may not be sent twice.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=conf.timeouts.connect)
        session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False, trust_env=False)
        return cls(conf, session, lists)

    async def close(self) -> None:
        """Ends the watch and closes every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    @asynccontextmanager
    async def acquire(
        self, policy: "DataPolicy", model: str | None, *, avoid: frozenset[str] = frozenset()
    ) -> AsyncIterator[Lease]:
        """A healthy engine that serves the model (None: any): the one with the fewest open requests, in turn where
        they are equal.

        `policy` is what every model call must carry: all engines here are the company's own, which each policy
        allows; the API as a fallback will ask it. `avoid` names engines that just failed; they are taken only if no
        other is healthy. Waits for one up to the deadline.

        Raises:
            EngineUnavailable: none was healthy in time.
            NoEngine: waiting would be in vain: a person must act first.
            ModelNotServed: all are healthy, and none serves the model.
        """
        choice = await self._choose(model, avoid)
        choice.watch.last_taken = next(self._turns)
        async with Lease(self, choice.watch, choice.found, choice.reason) as lease:
            yield lease

    def likely(self, model: str | None) -> tuple[Vocabulary, int] | None:
        """The vocabulary and the context length of the engine that would serve the model now; None where none would.
        May be asked from any thread.
        """
        choice = self._best(model, frozenset())
        return None if choice is None else (choice.found.vocabulary, choice.found.info.context_length)

    def call(self, engine: str, path: str, body: JsonObject, patience: Patience, before_read: Pace) -> EngineCall:
        return EngineCall(
            self._session, self._addresses[engine], path, body, self._conf.timeouts, patience, before_read
        )

    async def _choose(self, model: str | None, avoid: frozenset[str]) -> _Choice:
        try:
            async with asyncio.timeout(self._conf.acquire_deadline), self._changed:
                while (choice := self._best(model, avoid)) is None:
                    if self._watches and all(watch.found for watch in self._watches):
                        raise ModelNotServed
                    if all(watch.is_hopeless(self._conf.acquire_deadline) for watch in self._watches):
                        raise NoEngine(self._why_none())
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_AGAIN):
                            await self._changed.wait()
                return choice
        except TimeoutError:
            raise EngineUnavailable(self._why_none()) from None

    def _best(self, model: str | None, avoid: frozenset[str]) -> _Choice | None:
        healthy = [
            (watch, watch.found)
            for watch in self._watches
            if watch.found is not None and model in (None, watch.found.info.model)
        ]
        if not healthy:
            return None
        fresh = [pair for pair in healthy if pair[0].name not in avoid] or healthy
        watch, found = min(fresh, key=lambda pair: (pair[0].open_requests, pair[0].last_taken))
        if len(fresh) < len(healthy):
            return _Choice(watch, found, "another_failed")
        return _Choice(watch, found, "fewest_open_requests" if len(healthy) > 1 else "only_engine")

    def statuses(self) -> tuple[EngineStatus, ...]:
        """How each engine is now."""
        return tuple(_status(watch) for watch in self._watches)

    async def news(self, known: tuple[EngineStatus, ...] | None, within: float) -> tuple[EngineStatus, ...]:
        """How each engine is, as soon as that differs from what is known, and after so many seconds at the latest."""
        try:
            async with asyncio.timeout(within), self._changed:
                while (statuses := self.statuses()) == known:
                    await self._changed.wait()
                return statuses
        except TimeoutError:
            return self.statuses()

    def _why_none(self) -> str:
        if not self._watches:
            return "No engine is configured: set ENGINE_URL or GGUF."
        problems = [(watch.name, REMEDIES[watch.problem]) for watch in self._watches if watch.problem]
        return " ".join(f"{name}: {said.what} {said.remedy}" for name, said in problems) or "No engine answers."

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _status(watch: EngineWatch) -> EngineStatus:
    if watch.found is None:
        return EngineStatus(watch.name, problem=watch.problem)
    return EngineStatus(watch.name, watch.found.info, watch.found.vocabulary.is_test_models)
