"""Finds out what answers at an address: its kind, its model, its context, and whether its ids are those of a
vocabulary that we have.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from inference.contracts import EngineInfo, EngineKind, EngineProblem
from inference.engines.calls import Address
from inference.token_lists import TokenLists
from inference.vocabulary import HARMONY_SPECIALS, Vocabulary

_TIMEOUT = 5.0  # seconds for one question
_ANSWER_LIMIT = 1 << 20
_PROBES = 30


class EngineAbsent(Exception):
    """No engine that can be used. `problem` says why."""

    def __init__(self, problem: EngineProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class EngineAway(EngineAbsent):
    """Nobody answers, or not yet: ask again soon."""


class EngineUnusable(EngineAbsent):
    """It answers and cannot be used: a person must act."""


@dataclass(frozen=True, slots=True)
class FoundEngine:
    """`served_as` is the engine's own name of its model, which calls repeat; it may be a path, so nobody is told."""

    info: EngineInfo
    vocabulary: Vocabulary
    served_as: str


# What a proxy says of an engine that is being started anew behind it, and an engine of itself when it has too much.
_FOR_A_WHILE = {429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks one address. An engine can be used when its ids are those of one of the lists."""

    session: aiohttp.ClientSession
    address: Address
    name: str
    lists: TokenLists

    async def find(self) -> FoundEngine:
        """Asks `/props` (llama.cpp), then `/version` (vLLM).

        Raises:
            EngineAway: nobody answers, or it is still loading.
            EngineUnusable: a chat-only server, a wrong key, or a model whose token list we do not have.
        """
        status, props = await self._ask("/props")
        if status == 200 and "default_generation_settings" in props:
            return await self._llamacpp(props)
        if status in (401, 403):
            raise EngineUnusable(EngineProblem.WRONG_KEY)
        status, version = await self._ask("/version")
        if status == 200 and "version" in version:
            return await self._vllm()
        raise EngineUnusable(EngineProblem.NO_ENGINE)

    async def is_still(self, found: FoundEngine) -> bool:
        """Whether it is well and serves what it did: somebody may have started it anew with another model."""
        try:
            status, _ = await self._ask("/health")
            model, described = await self._model()
        except (EngineAway, EngineUnusable):
            return False
        size = _inside(described, "meta").get("n_vocab", found.vocabulary.size)
        return status == 200 and (model, size) == (found.served_as, found.vocabulary.size)

    async def _llamacpp(self, props: dict[str, Any]) -> FoundEngine:
        model, described = await self._model()
        size, context = (
            _inside(described, "meta").get("n_vocab"),
            _inside(props, "default_generation_settings").get("n_ctx"),
        )
        info = self._info("llamacpp", model, context)
        for vocabulary in await self._candidates(size if type(size) is int else 0):
            if await self._agrees(vocabulary, "content", _all_probes(vocabulary)):
                return FoundEngine(info, vocabulary, model)
        raise EngineUnusable(self.lists.file_problem or EngineProblem.UNKNOWN_TOKENS)

    async def _vllm(self) -> FoundEngine:
        """vLLM does not tell the size of its token list; where it offers `/detokenize`, its text must be ours."""
        model, described = await self._model()
        info = self._info("vllm", model, described.get("max_model_len"))
        for vocabulary in await self._candidates(None):
            if await self._agrees(vocabulary, "prompt", _text_probes(vocabulary), model=model):
                return FoundEngine(info, vocabulary, model)
        raise EngineUnusable(EngineProblem.UNKNOWN_TOKENS)

    async def _candidates(self, size: int | None) -> tuple[Vocabulary, ...]:
        return await asyncio.to_thread(self.lists.candidates, size)

    async def _model(self) -> tuple[str, dict[str, Any]]:
        status, models = await self._ask("/v1/models")
        if status in (401, 403):
            raise EngineUnusable(EngineProblem.WRONG_KEY)
        listed = models.get("data")
        if status != 200 or not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
            raise EngineAway(EngineProblem.LOADING)
        return str(listed[0].get("id", "")), listed[0]

    def _info(self, kind: EngineKind, model: str, context: object) -> EngineInfo:
        if type(context) is not int or context <= 0:
            raise EngineAway(EngineProblem.LOADING)
        return EngineInfo(self.name, kind, _spoken(model), context)

    async def _agrees(self, vocabulary: Vocabulary, field: str, probes: list[int], *, model: str = "") -> bool:
        asked = {"model": model} if model else {}
        for token in probes:
            status, answer = await self._ask("/detokenize", {**asked, "tokens": [token]})
            if status in (404, 405) and model:
                return True  # a router in front of vLLM may not pass it on
            if status != 200 or answer.get(field) != vocabulary.piece(token).decode("utf-8", "replace"):
                return False
        return True

    async def _ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of one answer; an empty object where it is something else."""
        url = self.address.url + path
        try:
            async with asyncio.timeout(_TIMEOUT):
                method, headers = "GET" if body is None else "POST", self.address.headers()
                async with self.session.request(
                    method, url, json=body, headers=headers, allow_redirects=False
                ) as response:
                    if response.status in _FOR_A_WHILE:
                        is_loading = response.status == 503
                        raise EngineAway(EngineProblem.LOADING if is_loading else EngineProblem.UNREACHABLE)
                    content = await response.content.read(_ANSWER_LIMIT)
                    status = response.status
        except (TimeoutError, aiohttp.ClientError):
            raise EngineAway(self.lists.file_problem or EngineProblem.UNREACHABLE) from None
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            answer = {}
        return status, answer if isinstance(answer, dict) else {}


def _inside(answer: dict[str, Any], name: str) -> dict[str, Any]:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _spoken(model: str) -> str:
    """llama.cpp without an alias calls its model by the file's path: only the last part is kept, without its suffix."""
    return model.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".gguf") or "model"


def _text_probes(vocabulary: Vocabulary) -> list[int]:
    """Ids of whole characters, spread over the list."""
    step = max(vocabulary.size // (4 * _PROBES), 1)
    spread = (token for token in range(step, vocabulary.size, step) if not vocabulary.is_special(token))
    return [token for token in spread if _is_whole(vocabulary.piece(token))][: 4 * _PROBES : 4]


def _all_probes(vocabulary: Vocabulary) -> list[int]:
    specials = [vocabulary.special(name) for name in HARMONY_SPECIALS]
    return specials + _text_probes(vocabulary)[: _PROBES - len(specials)]


def _is_whole(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True
