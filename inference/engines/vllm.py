"""vLLM's `POST /v1/completions` with `return_token_ids`: exact ids in, exact ids out."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from inference.contracts import CompletionRequest, Finished, FinishReason, Tokens
from inference.engines.calls import EngineCall, JsonObject
from inference.errors import EngineFailed
from inference.vocabulary import CALL, RETURN, Vocabulary

PATH = "/v1/completions"

_REASONS: dict[str, FinishReason] = {"stop": "stop", "length": "length"}


def body(request: CompletionRequest, model: str, vocabulary: Vocabulary) -> JsonObject:
    return {
        "model": model,
        "prompt": request.prompt,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_token_ids": True,
        "skip_special_tokens": False,
        "stop_token_ids": [vocabulary.special(RETURN), vocabulary.special(CALL)],
        **({} if request.seed is None else {"seed": request.seed}),
        **({"cache_salt": request.cache_salt} if request.cache_salt else {}),  # an empty one is a 400
    }


@dataclass(slots=True)
class _Progress:
    """What the events so far have told of how the answer ends."""

    reason: FinishReason | None = None
    usage: JsonObject | None = None
    sent: int = 0

    def read(self, event: JsonObject, vocabulary: Vocabulary) -> tuple[int, ...]:
        """The ids of one event. The last two carry no ids: one has the reason, one the usage and no choices."""
        if isinstance(usage := event.get("usage"), dict):
            self.usage = usage
        choices = event.get("choices")
        if not choices:
            return ()
        if not isinstance(choices, list) or not isinstance(choices[0], dict):
            raise EngineFailed
        if (said := choices[0].get("finish_reason")) is not None:
            self.reason = _reason(said)
        ids = _ids(choices[0].get("token_ids"), vocabulary)
        self.sent += len(ids)
        return ids

    def finished(self, prompt: int) -> Finished:
        """Raises EngineFailed where the stream ended without a reason: it was cut."""
        if self.reason is None:
            raise EngineFailed
        usage = self.usage or {}
        details = usage.get("prompt_tokens_details")
        return Finished(
            reason=self.reason,
            prompt_tokens=_count(usage.get("prompt_tokens"), prompt),
            completion_tokens=_count(usage.get("completion_tokens"), self.sent),
            cached_tokens=_count(details.get("cached_tokens"), 0) if isinstance(details, dict) else 0,
        )


async def stream(call: EngineCall, vocabulary: Vocabulary) -> AsyncGenerator[Tokens | Finished, None]:
    """The answer as it comes. Raises what `EngineCall.events` raises, and EngineFailed where the reason is missing or
    ids are wrong.
    """
    progress = _Progress()
    async with aclosing(call.events()) as events:
        async for read in events:
            ids = [token for event in read for token in progress.read(event, vocabulary)]
            if ids:
                yield Tokens(tuple(ids))
    yield progress.finished(len(call.body["prompt"]))


def _reason(said: Any) -> FinishReason:
    if said not in _REASONS:  # "error", "abort": the answer is not whole
        raise EngineFailed
    return _REASONS[said]


def _ids(value: Any, vocabulary: Vocabulary) -> tuple[int, ...]:
    ids = value or []
    if not isinstance(ids, list) or not all(type(token) is int and 0 <= token < vocabulary.size for token in ids):
        raise EngineFailed
    return tuple(ids)


def _count(value: Any, otherwise: int) -> int:
    return value if type(value) is int and value >= 0 else otherwise
