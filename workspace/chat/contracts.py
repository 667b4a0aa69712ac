"""What crosses the border of this room: conversations and messages with their words opened, and what an action made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, assert_never
from uuid import UUID

from workspace.runs.contracts import RunError, State

# The kind under which `runs` knows a turn, and the job that names a conversation.
TURN: Final = "turn"
TITLE: Final = "title"

# In code points.
LONGEST_TEXT: Final = 200_000
LONGEST_TITLE: Final = 200


class Effort(StrEnum):
    """How long the model may think. `auto` leaves it to the product, which takes medium."""

    AUTO = "auto"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def for_model(self) -> Literal["low", "medium", "high"]:
        """What the model is told."""
        match self:
            case Effort.LOW:
                return "low"
            case Effort.HIGH:
                return "high"
            case Effort.AUTO | Effort.MEDIUM:
                return "medium"
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation as its owner sees it."""

    id: UUID
    title: str
    temporary: bool
    pinned: bool
    archived: bool
    active_leaf: UUID | None
    model: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as its owner sees it. `text` is empty while it is being written: until then its events tell it.

    `sibling_index` counts from 0 among the messages with the same parent.
    """

    id: UUID
    parent: UUID | None
    role: str
    text: str
    created_at: datetime
    status: str
    sibling_index: int
    sibling_count: int


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sends, and how hard the model shall think about it.

    It follows the active leaf, or, where `is_at_leaf` is off, the answer `parent`; None: it is a first message.
    """

    text: str
    is_at_leaf: bool = True
    parent: UUID | None = None
    effort: Effort = Effort.AUTO


@dataclass(frozen=True, slots=True)
class StartedTurn:
    """A turn that was accepted, the answer it writes and the question it answers."""

    turn: UUID
    message: UUID
    user_message: UUID


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a branch: the messages of one lane from depth `first` to depth `last`."""

    lane: UUID
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn as its owner sees it. `queue_position` counts from 1 while it waits for a runner."""

    id: UUID
    status: State
    message: UUID
    error: RunError | None
    queue_position: int | None
