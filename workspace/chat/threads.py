"""The active branch as a page shows it: questions and answers, newest at the end, older ones on request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from workspace.chat.branches import branch_to
from workspace.chat.endings import HOPELESS, Ending, ending_of
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_key, message_views
from workspace.chat.receipts import with_durations
from workspace.common import prose
from workspace.runs import queries as run_queries
from workspace.runs.contracts import Event
from workspace.runs.models import Run

# Messages that a page shows at first, and that each step back adds: fifty questions with their answers.
PAGE: Final = 100
# What a page that has stepped back is given anew at most.
MOST: Final = 1_000


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
        """Whether the page offers to continue it: only where nothing follows, and where it may help."""
        is_hopeless = self.error_code in HOPELESS
        return self.is_last and not self.is_running and not is_hopeless and self.message.may_go_on

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
        """With `waited` and `took` in seconds: until the first words, and until the end."""
        return with_durations(self.message.receipt) if self.message.receipt else None


@dataclass(frozen=True, slots=True)
class Span:
    """Which messages of a branch: the newest `count`, or those before depth `before`, or all from depth `since` on."""

    before: int | None = None
    since: int | None = None
    count: int = PAGE

    def of(self, depth: int) -> tuple[int, int]:
        """First and last depth, of a branch that is so deep."""
        last = depth if self.before is None else min(self.before - 1, depth)
        first = last - self.count + 1
        if self.since is not None and self.since <= last:
            first = max(self.since, last - MOST + 1)
        return max(first, 0), last


@dataclass(frozen=True)
class Thread:
    """A stretch of the active branch. `first` is its depth: before it older messages wait, unless it is 0."""

    messages: list[Shown]
    first: int = 0
    is_past: bool = False
    """Whether newer messages follow behind the stretch."""

    @property
    def version(self) -> str:
        """Changes whenever the end of what is shown does: another leaf, or another state of it."""
        return self.messages[-1].version if self.messages else ""


NEWEST: Final = Span()


def thread(row: Conversation, span: Span = NEWEST) -> Thread:
    """A stretch of the active branch. The caller has made sure that the actor may.

    Shape: up to `PAGE` messages (`MOST` where the page has stepped back), oldest first, in five queries however long
    the chat is.
    """
    if row.active_leaf_id is None:
        return Thread([])
    branch = branch_to(row.active_leaf_id)
    first, last = span.of(branch.depth)
    found = branch.between(first, last)
    return Thread(shown(row.id, found, leaf=row.active_leaf_id), first, is_past=last < branch.depth)


def shown(conversation: UUID, found: list[Message], *, leaf: UUID | None) -> list[Shown]:
    """Messages of one conversation as its pages show them; `leaf`: the one that nothing follows."""
    codes = _error_codes(found)
    return [
        Shown(
            message=row,
            text=_written_so_far(row, view.text) if row.status == Message.Status.RUNNING else view.text,
            number=view.sibling_index + 1,
            count=view.sibling_count,
            error_code=codes.get(row.run_id, ""),
            is_last=row.id == leaf,
        )
        for row, view in zip(found, message_views(conversation, found), strict=True)
    ]


def _written_so_far(row: Message, held: str) -> str:
    """The text of an answer that is being written, as far as it is committed; `held`: what stood there before."""
    if row.run_id is None:
        return held
    return text_of_events(run_queries.released(row.run_id, conversation_key(row.conversation_id)), held)


def text_of_events(events: Iterable[Event], held: str) -> str:
    """What an answer says after these events of its turn, of which the first is the first."""
    text: str | None = None
    for event in events:
        if event.type == "text":
            text = (held[: event.data["at"]] if text is None else text) + event.data["delta"]
        elif event.type == "replaced":
            text = str(event.data["text"])
    return held if text is None else text


def _error_codes(found: Iterable[Message]) -> dict[UUID | None, str]:
    failed = [row.run_id for row in found if row.run_id and row.status == Message.Status.FAILED]
    if not failed:
        return {}
    errors = Run.objects.filter(id__in=failed).values_list("id", "error")
    return {run: str(error["code"]) for run, error in errors if error}
