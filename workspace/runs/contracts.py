"""What crosses the border of this room: what a run is, what a room must say about its kind of run, what comes back.

A room that wants work done durably registers a `RunKind`, makes a row of its own and, in the same transaction, a run of
that kind (`actions.enqueue`). This room knows ids, numbers and token ids; the words belong to the room above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from compliance.contracts import DataPolicy
from inference.contracts import FinishReason
from inference.vocabulary import Vocabulary
from workspace.common.ciphers import OpenedKey
from workspace.common.contracts import Actor, KeyOwner

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class State(StrEnum):
    """`queued` waits for a runner, `waiting` for a person (it holds no lease and survives restarts). `stopping` was
    asked to stop; the last three are final.
    """

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({State.DONE, State.STOPPED, State.FAILED})


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run is made of. `key_owner` and `key_id` name the data key that seals its journal; it must exist.
    `parameters` are ids, numbers and codes, never content.
    """

    kind: str
    subject_id: UUID
    key_owner: KeyOwner
    key_id: UUID
    continues: UUID | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its kind sees it. `parameters` are ids, numbers and codes, never content. `continues` is the run whose
    answer this one goes on with.
    """

    id: UUID
    kind: str
    subject_id: UUID
    actor: Actor
    continues: UUID | None
    parameters: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the run asks of the pool. `started` is the data of the public `started` event (a message's id, say).

    `prefix` is the text that the subject holds already, of a continued answer: the public text goes on behind it.
    """

    policy: DataPolicy
    model: str | None = None
    started: Mapping[str, JSON] = field(default_factory=dict)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids up to and including `<|start|>assistant`. `max_tokens` bounds what the run writes, analysis included;
    what a continued answer holds already does not count.
    """

    ids: tuple[int, ...]
    max_tokens: int
    temperature: float = 1.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the prompt (the last leg's), of all that the run wrote, and of the prompt taken from a cache."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run failed, as the public `failed` event says it."""

    code: str
    detail: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class RunStatus:
    """`queue_position` counts from 1 over everybody's runs, and is None unless the run is queued."""

    state: State
    error: RunError | None
    queue_position: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `text` is all that the subject shall hold: the prefix, and every committed `text` event.

    `state` is done, stopped or failed; `finish` is given with done, `error` with failed. Times are the database's;
    `started_at` and `first_token_at` are None where the run came to an end before.
    """

    state: State
    finish: FinishReason | None
    text: str
    usage: Usage
    engine: str
    model: str
    route_reason: str
    error: RunError | None
    queued_at: datetime
    started_at: datetime | None
    first_token_at: datetime | None
    ended_at: datetime


class MustWait(Exception):
    """The run needs a person first: an approval, an edited plan, an answer. Whoever has it calls `actions.wake`."""


class RunKind(Protocol):
    """What a room says about its runs. All three are called in a unit of the run's actor, in a thread."""

    name: str
    is_followed: bool
    """Whether somebody may read the answer while it is written. Else nothing is committed before its end."""

    def request(self, run: RunView) -> RunRequest:
        """Raises:
        AtriumError: the run fails with its code.
        MustWait: the run goes to `waiting`, and is asked again when it was woken.
        """
        ...

    def prompt(self, run: RunView, vocabulary: Vocabulary, context_length: int) -> Prompt:
        """Called for each leg: an engine may differ from the one before it.

        Raises:
            AtriumError: the run fails with its code (`inference.errors.ContextOverflow`, for one).
        """
        ...

    def finish(self, run: RunView, outcome: Outcome) -> Mapping[str, JSON]:
        """Writes the outcome in the transaction that ends the run, once. Returns extra data of the final event."""
        ...


_kinds: dict[str, RunKind] = {}


def register(kind: RunKind) -> None:
    """Adds a kind of run. Called once a process, by the room's app config."""
    _kinds[kind.name] = kind


def kind_of(name: str) -> RunKind:
    """Raises:
    KeyError: no room registered such a kind.
    """
    return _kinds[name]


EventType = Literal[
    "started", "text", "reasoning", "tool", "citation", "resumed", "replaced", "done", "stopped", "failed"
]
FINAL_EVENTS: frozenset[EventType] = frozenset({"done", "stopped", "failed"})


@dataclass(frozen=True, slots=True)
class Event:
    """One public event of a run. `sequence` counts from 1 without gaps; an event that exists is committed."""

    sequence: int
    type: EventType
    data: Mapping[str, Any]

    @property
    def is_final(self) -> bool:
        return self.type in FINAL_EVENTS


@dataclass(frozen=True, slots=True)
class Watch:
    """The right to follow one run, made by `queries.watch` in the unit that authorised the actor, and used afterwards
    without a database: `tails.hub().tail(watch, after)`.

    `last_sequence` is the sequence of the final event, None while there is none.
    """

    run: UUID
    day: date
    actor: Actor
    key: OpenedKey = field(repr=False)
    last_sequence: int | None
