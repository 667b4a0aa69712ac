"""What crosses the border of this room: what an engine is, what a caller asks of it, and what comes back."""

from dataclasses import dataclass
from typing import Literal

EngineKind = Literal["llamacpp", "vllm"]
FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """One engine of the pool as receipts and logs may name it.

    `name` is the pool's own (``engine-1``), never an address or a path. `context_length` is in tokens and holds
    prompt and answer.
    """

    name: str
    kind: EngineKind
    model: str
    context_length: int


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One raw completion: the ids of the whole prompt, ending where the model shall go on.

    `cache_salt` keeps the prompt cache of one tenant apart from another's where the engine can do so (vLLM; llama.cpp
    cannot).
    """

    prompt: tuple[int, ...]
    max_tokens: int
    temperature: float = 1.0
    seed: int | None = None
    cache_salt: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The next ids of an answer, control tokens included, never empty.

    `rebuilt` says that the engine left ids out and that these were made again from the text: the text is exact, the
    ids may differ.
    """

    ids: tuple[int, ...]
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The last item of a stream. `stop`: the model ended its answer; `length`: `max_tokens` or the context ended it.
    Counts are tokens.
    """

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
