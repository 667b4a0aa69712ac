"""What the API takes and shows of conversations, messages and turns."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from workspace.chat.contracts import ConversationView, Effort, MessageView, Question, StartedTurn, TurnView
from workspace.common.bodies import Body, Text
from workspace.common.pagination import PageQuery
from workspace.runs.contracts import RunError, State

Id = Annotated[UUID, Field(strict=False)]
ModelName = Annotated[str, Field(min_length=1, max_length=100)]


class NewConversation(Body):
    """A conversation to begin. `model`: one that an engine serves; none: whichever is free."""

    title: Text | None = None
    temporary: bool = False
    model: ModelName | None = None


class ConversationChange(Body):
    """What to change; a field that is left out stays. `active_leaf`: a message of the branch to show and go on with."""

    title: Text | None = None
    pinned: bool | None = None
    archived: bool | None = None
    active_leaf: Id | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_given(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "Leave the field out to keep what is there")
        return value


class NewTurn(Body):
    """A question. It follows the active leaf, or an earlier answer (a branch), or nothing where `parent` is null."""

    text: Text
    parent: Id | None = None
    attachments: Annotated[list[str], Field(max_length=0)] = []
    effort: Annotated[Effort, Field(strict=False)] = Effort.AUTO

    def question(self) -> Question:
        """As the action takes it."""
        is_at_leaf = "parent" not in self.model_fields_set
        return Question(self.text, is_at_leaf=is_at_leaf, parent=self.parent, effort=self.effort)


class Nothing(Body):
    """A body without fields."""


class ConversationQuery(PageQuery):
    """Which conversations; archived ones only when asked for."""

    archived: bool = False
    pinned: bool | None = None


class MessageQuery(PageQuery):
    """Which messages: the active branch, or all of the tree."""

    all: bool = False


class ConversationShown(BaseModel):
    """A conversation. `updated_at` is its last activity, `expires_at` the end of a temporary one."""

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

    @classmethod
    def of(cls, view: ConversationView) -> Self:
        return cls(**asdict(view))


class Siblings(BaseModel):
    """The place among the messages with the same parent. `index` counts from 0."""

    index: int
    count: int


class MessageShown(BaseModel):
    """A message. `text` is empty while it is being written: until then the turn's events tell it."""

    id: UUID
    parent: UUID | None
    role: Literal["user", "assistant"]
    text: str
    created_at: datetime
    status: Literal["running", "done", "stopped", "failed"]
    citations: list[dict[str, Any]] = []
    attachments: list[dict[str, Any]] = []
    siblings: Siblings

    @classmethod
    def of(cls, view: MessageView) -> Self:
        shown = asdict(view)
        place = Siblings(index=shown.pop("sibling_index"), count=shown.pop("sibling_count"))
        return cls(**shown, siblings=place)


class ConversationsPage(BaseModel):
    """One page of conversations."""

    items: list[ConversationShown]
    next_cursor: str | None


class MessagesPage(BaseModel):
    """One page of messages."""

    items: list[MessageShown]
    next_cursor: str | None


class AcceptedTurn(BaseModel):
    """A turn that was accepted; `message` is the answer that it writes."""

    turn: UUID
    message: UUID
    user_message: UUID

    @classmethod
    def of(cls, started: StartedTurn) -> Self:
        return cls(**asdict(started))


class AcceptedAnswer(BaseModel):
    """Another answer that was accepted."""

    turn: UUID
    message: UUID


class ContinuedTurn(BaseModel):
    """The turn that goes on."""

    turn: UUID


class TurnError(BaseModel):
    """Why a turn failed."""

    code: str
    detail: str
    retryable: bool

    @classmethod
    def of(cls, error: RunError) -> Self:
        return cls(**asdict(error))


class TurnShown(BaseModel):
    """A turn. `queue_position` counts from 1 while it waits for a runner."""

    id: UUID
    status: State
    message: UUID
    error: TurnError | None
    queue_position: int | None

    @classmethod
    def of(cls, view: TurnView) -> Self:
        error = None if view.error is None else TurnError.of(view.error)
        return cls(
            id=view.id, status=view.status, message=view.message, error=error, queue_position=view.queue_position
        )


class TokenCounts(BaseModel):
    """Tokens of the prompt, of the answer with its reasoning, and of the prompt that an engine had kept."""

    prompt: int
    completion: int
    cached: int


class Times(BaseModel):
    """By the database's clock."""

    queued_at: datetime | None
    started_at: datetime | None
    first_token_at: datetime | None
    ended_at: datetime | None


class ReceiptShown(BaseModel):
    """What made an answer."""

    engine: str
    model: str
    route_reason: str
    policy_version: str
    finish: Literal["stop", "length"] | None
    tokens: TokenCounts
    times: Times
