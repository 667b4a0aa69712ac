"""llama.cpp's own `POST /completion`: ids in, ids out.

Its stream leaves out ids that end inside a character: it stays silent until the character is whole, then sends the
last id with the text of all of them, and only `tokens_predicted` tells that there were more. What was left out is
made again from that text, so the text is exact and the ids may differ. An answer that is cut inside a character ends
before that character.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from inference.contracts import CompletionRequest, Finished, Tokens
from inference.engines.calls import EngineCall, JsonObject
from inference.errors import EngineFailed
from inference.vocabulary import Vocabulary

PATH = "/completion"

# Without these the last event repeats the whole prompt as text and names the model's file.
_LAST_FIELDS = ["stop", "stop_type", "tokens_predicted", "tokens_evaluated", "timings/cache_n", "tokens", "content"]


def body(request: CompletionRequest) -> JsonObject:
    """The filters that llama.cpp applies unless told otherwise (top-k 40, top-p 0.95, min-p 0.05) are off: the
    temperature alone shapes the choice, as on vLLM. `cache_salt` has no counterpart.
    """
    return {
        "prompt": request.prompt,
        "n_predict": request.max_tokens,
        "temperature": request.temperature,
        "top_k": 0,
        "top_p": 1.0,
        "min_p": 0.0,
        "stream": True,
        "return_tokens": True,
        "cache_prompt": True,
        "response_fields": _LAST_FIELDS,
        **({} if request.seed is None else {"seed": request.seed}),
    }


async def stream(call: EngineCall, vocabulary: Vocabulary) -> AsyncGenerator[Tokens | Finished, None]:
    """The answer as it comes. Raises what `EngineCall.events` raises, and EngineFailed where the last event is
    missing or ids are wrong.
    """
    seen = 0
    async with aclosing(call.events()) as events:
        async for read in events:
            for event in read:
                predicted = _whole(event.get("tokens_predicted"))
                if event.get("stop"):
                    yield _finished(event, predicted)
                    return
                ids = _ids(event, vocabulary)
                if not ids:
                    continue
                missing = predicted - seen - len(ids)
                seen = max(predicted, seen + len(ids))
                if missing > 0:
                    yield Tokens(_rebuilt(event, ids, vocabulary), rebuilt=True)
                else:
                    yield Tokens(ids)
    raise EngineFailed


def _ids(event: JsonObject, vocabulary: Vocabulary) -> tuple[int, ...]:
    ids = event.get("tokens")
    if not isinstance(ids, list) or not all(type(token) is int and 0 <= token < vocabulary.size for token in ids):
        raise EngineFailed
    return tuple(ids)


def _rebuilt(event: JsonObject, ids: tuple[int, ...], vocabulary: Vocabulary) -> tuple[int, ...]:
    """Ids of the whole text of an event that came with only its last ids. Control tokens at its end are kept as they
    are.
    """
    content = event.get("content")
    if not isinstance(content, str):
        raise EngineFailed
    specials: tuple[int, ...] = ()
    while ids and vocabulary.is_special(ids[-1]):
        specials, ids = (ids[-1], *specials), ids[:-1]
        content = content.removesuffix(vocabulary.piece(specials[0]).decode())
    return (*vocabulary.encode(content), *specials)


def _finished(event: JsonObject, predicted: int) -> Finished:
    reason = event.get("stop_type")
    return Finished(
        reason="length" if reason == "limit" else "stop",
        prompt_tokens=_whole(event.get("tokens_evaluated")),
        completion_tokens=predicted,
        cached_tokens=_whole(event.get("timings/cache_n", 0)),
    )


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise EngineFailed
    return value
