"""What crosses the border of this room: what an engine is, what a caller asks of it, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

EngineKind = Literal["llamacpp", "vllm"]
FinishReason = Literal["stop", "length"]
# `starting`: not looked at yet, or loading its model. `away`: nobody answers. `unusable`: a person must act.
EngineState = Literal["ready", "starting", "away", "unusable"]


class EngineProblem(StrEnum):
    """What keeps an engine from serving. `inference.remedies` has the words."""

    UNREACHABLE = "unreachable"
    LOADING = "loading"
    WRONG_KEY = "wrong_key"
    NO_ENGINE = "no_engine"
    UNKNOWN_TOKENS = "unknown_tokens"
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    FILE_BROKEN = "file_broken"
    FILE_FOREIGN = "file_foreign"


# Seconds without a word of `turns` about an engine after which it counts as gone.
GONE_AFTER: Final = 60
_STATES: dict[EngineProblem, EngineState] = {EngineProblem.LOADING: "starting", EngineProblem.UNREACHABLE: "away"}


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
class EngineStatus:
    """How the pool sees one engine now. `engine` is None unless it is ready; `problem` None when it is, or before the
    first look.
    """

    name: str
    engine: EngineInfo | None = None
    is_test_model: bool = False
    problem: EngineProblem | None = None

    @property
    def state(self) -> EngineState:
        if self.engine is not None:
            return "ready"
        return "starting" if self.problem is None else _STATES.get(self.problem, "unusable")


@dataclass(frozen=True, slots=True)
class EngineView:
    """How `turns` saw one engine at `seen_at`, for pages. `kind` and `model` are empty while they are not known.

    `problem` is a code of `EngineProblem`, or empty. `what` says in the reader's language what is wrong, `remedy`
    what whoever runs Atrium can do about it.
    """

    name: str
    kind: str
    model: str
    is_test_model: bool
    state: EngineState
    problem: str
    what: str
    remedy: str
    seen_at: datetime

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"


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
