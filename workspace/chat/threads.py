"""The active branch as a page shows it: questions and answers, newest at the end, older ones on request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from workspace.chat.branches import branch_to
from workspace.chat.endings import Ending, ending_of
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import message_views
from workspace.common import prose
from workspace.runs.models import Run

# Messages that a page shows at first, and that each step back adds: fifty questions with their answers.
PAGE: Final = 100


@dataclass(frozen=True)
class Shown:
    """One message on a page. `number` counts from 1 among the `count` versions of it; `error_code` is that of an answer
    that failed.
    """

    message: Message
    text: str
    number: int
    count: int
    error_code: str = ""
    is_last: bool = False

    @property
    def id(self) -> UUID:
        return self.message.id

    @property
    def is_question(self) -> bool:
        return self.message.role == Message.Role.USER

    @property
    def is_running(self) -> bool:
        return self.message.status == Message.Status.RUNNING

    @property
    def may_go_on(self) -> bool:
        """Whether the page offers to continue it: only where nothing follows."""
        return self.is_last and not self.is_running and self.message.may_go_on

    @cached_property
    def html(self) -> SafeString:
        """The answer as rendered Markdown, in the active language."""
        return prose.rendered(self.text)

    @property
    def version(self) -> str:
        """Changes whenever what the page shows of it does."""
        return f"{self.id}.{self.message.status}.{self.message.run_id or ''}.{self.number}.{self.count}"

    @property
    def ending(self) -> Ending | None:
        """What to say of an answer that did not end by itself."""
        return ending_of(self.message.status, self.error_code, is_cut=self.message.is_cut)

    @property
    def receipt(self) -> dict[str, Any] | None:
        return self.message.receipt


@dataclass(frozen=True)
class Thread:
    """A stretch of the active branch. `before` is the depth before which older messages wait; None: there are none."""

    messages: list[Shown]
    before: int | None = None

    @property
    def running(self) -> Shown | None:
        """The answer that is being written, which is the last there is."""
        last = self.messages[-1] if self.messages else None
        return last if last and last.is_running else None

    @property
    def version(self) -> str:
        """Changes whenever the end of what is shown does: another leaf, or another state of it."""
        return self.messages[-1].version if self.messages else ""


def thread(row: Conversation, *, before: int | None = None, count: int = PAGE) -> Thread:
    """The newest messages of the active branch, or those before a depth. The caller has made sure that the actor may.

    Shape: up to `count` messages, oldest first, in five queries however long the chat is.
    """
    if row.active_leaf_id is None:
        return Thread([])
    branch = branch_to(row.active_leaf_id)
    end = branch.depth if before is None else min(before, branch.depth + 1) - 1
    first = max(0, end - count + 1)
    found = branch.between(first, end)
    return Thread(shown(row.id, found, leaf=row.active_leaf_id), first or None)


def shown(conversation: UUID, found: list[Message], *, leaf: UUID | None) -> list[Shown]:
    """Messages of one conversation as its pages show them; `leaf`: the one that nothing follows."""
    codes = _error_codes(found)
    return [
        Shown(
            message=row,
            text=view.text,
            number=view.sibling_index + 1,
            count=view.sibling_count,
            error_code=codes.get(row.run_id, ""),
            is_last=row.id == leaf,
        )
        for row, view in zip(found, message_views(conversation, found), strict=True)
    ]


def _error_codes(found: Iterable[Message]) -> dict[UUID | None, str]:
    failed = [row.run_id for row in found if row.run_id and row.status == Message.Status.FAILED]
    if not failed:
        return {}
    errors = Run.objects.filter(id__in=failed).values_list("id", "error")
    return {run: str(error["code"]) for run, error in errors if error}
