"""Pages of conversations and of messages. No page skips or repeats a row that was there when the first was asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from workspace.chat.branches import branch_to
from workspace.chat.contracts import ConversationView, MessageView
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_for, conversation_views, message_views, own_conversations
from workspace.common import pagination
from workspace.common.contracts import Actor
from workspace.common.pagination import Order, Page, PageQuery


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations. `is_pinned` None: both. A temporary chat is in no list; whoever has its id reaches it."""

    is_archived: bool = False
    is_pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a walk through the list stands: when it began, and the last row's activity and id as they were then."""

    began: datetime
    activity: datetime
    id: UUID

    @property
    def beyond(self) -> Q:
        """What comes after, among rows whose activity then is `activity_then`."""
        return Q(activity_then__lte=self.activity) & (Q(activity_then__lt=self.activity) | Q(id__lt=self.id))


def conversation_page(actor: Actor, wanted: ConversationFilter, query: PageQuery) -> Page[ConversationView]:
    """The actor's conversations, newest activity first.

    Activity moves a conversation to the top, past a walk that is under way and had not reached it. So the walk goes by
    the activity as it was when it began: unmoved rows by the index, and the few moved ones by their older messages.

    Raises:
        CapabilityMissing: the actor may not chat.
        Invalid: the cursor is not one of this list.
    """
    rows = own_conversations(actor).filter(is_temporary=False, is_archived=wanted.is_archived)
    if wanted.is_pinned is not None:
        rows = rows.filter(is_pinned=wanted.is_pinned)
    order = Order(f"conversations {wanted}", ("began", "activity", "id"), descending=True)
    walk = None if query.cursor is None else _walk(pagination.opened(query.cursor, order))
    found = _first(rows, query.limit + 1) if walk is None else _next(rows, walk, query.limit + 1)
    shown, cursor = found[: query.limit], None
    if len(found) > query.limit:
        last = shown[-1]
        began = walk.began if walk else last.clock
        cursor = pagination.sealed([began, last.activity_then, last.id], order)
    return Page(conversation_views(shown), cursor)


def _walk(values: list[str]) -> _Walk:
    return _Walk(datetime.fromisoformat(values[0]), datetime.fromisoformat(values[1]), UUID(values[2]))


def _first(rows: QuerySet[Conversation], count: int) -> list[Conversation]:
    return list(rows.annotate(activity_then=F("updated_at"), clock=Now()).order_by("-updated_at", "-id")[:count])


def _next(rows: QuerySet[Conversation], walk: _Walk, count: int) -> list[Conversation]:
    still = rows.filter(updated_at__lte=walk.began).annotate(activity_then=F("updated_at")).filter(walk.beyond)
    earlier = Message.objects.filter(conversation=OuterRef("pk"), created_at__lte=walk.began).order_by("-sequence")
    moved = rows.filter(updated_at__gt=walk.began, created_at__lte=walk.began).annotate(
        activity_then=Coalesce(Subquery(earlier.values("created_at")[:1]), F("created_at"))
    )
    found = [
        *still.order_by("-updated_at", "-id")[:count],
        *moved.filter(walk.beyond).order_by("-activity_then", "-id")[:count],
    ]
    found.sort(key=lambda row: (row.activity_then, row.id), reverse=True)
    return found[:count]


def branch_page(actor: Actor, conversation: UUID, query: PageQuery) -> Page[MessageView]:
    """The messages of the active branch, oldest first. A walk keeps to the branch that was active when it began.

    Raises:
        CapabilityMissing: the actor may not chat.
        Invalid: the cursor is not one of this list.
        NotFound: there is no such conversation, or it is somebody else's.
    """
    found = conversation_for(actor, conversation)
    order = Order(f"branch {conversation}", ("leaf", "depth"))
    leaf, start = found.active_leaf_id, 0
    if query.cursor is not None:
        stored, seen = pagination.opened(query.cursor, order)
        leaf, start = UUID(stored), seen + 1
    if leaf is None:
        return Page([], None)
    branch = branch_to(leaf)
    end = min(start + query.limit - 1, branch.depth)
    cursor = pagination.sealed([leaf, end], order) if end < branch.depth else None
    return Page(message_views(conversation, branch.between(start, end)), cursor)


def tree_page(actor: Actor, conversation: UUID, query: PageQuery) -> Page[MessageView]:
    """All messages of a conversation, of every branch, in the order in which they were written.

    Raises:
        CapabilityMissing: the actor may not chat.
        Invalid: the cursor is not one of this list.
        NotFound: there is no such conversation, or it is somebody else's.
    """
    rows = Message.objects.filter(conversation=conversation_for(actor, conversation))
    page = pagination.page(rows, Order(f"tree {conversation}", ("sequence",)), query)
    return Page(message_views(conversation, page.items), page.next_cursor)
