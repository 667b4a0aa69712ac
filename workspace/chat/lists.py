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

# A conversation, and its last activity when the walk began.
_Placed = tuple[datetime, Conversation]


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations. `is_pinned` None: both. A temporary chat is in no list; whoever has its id reaches it."""

    is_archived: bool = False
    is_pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a walk through the list stands: when it began, and the last row's activity, as it was then, and id."""

    began: datetime
    activity: datetime
    id: UUID

    def beyond(self, activity: str) -> Q:
        """What comes after, where the column `activity` says when there was some."""
        bound = Q((f"{activity}__lt", self.activity)) | Q(id__lt=self.id)
        return Q((f"{activity}__lte", self.activity)) & bound


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
    if query.cursor is None:
        began, found = _first(rows, query.limit + 1)
    else:
        walk = _opened(query.cursor, order)
        began, found = walk.began, _next(rows, walk, query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > query.limit
    cursor = pagination.sealed([began, shown[-1][0], shown[-1][1].id], order) if more else None
    return Page(conversation_views([row for _, row in shown]), cursor)


def _opened(cursor: str, order: Order) -> _Walk:
    began, activity, identity = pagination.opened(cursor, order)
    return _Walk(datetime.fromisoformat(began), datetime.fromisoformat(activity), UUID(identity))


def _first(rows: QuerySet[Conversation], count: int) -> tuple[datetime | None, list[_Placed]]:
    """The database's time, and the newest rows with their activity."""
    found = list(rows.annotate(clock=Now()).order_by("-updated_at", "-id")[:count])
    return (found[0].clock if found else None), [(row.updated_at, row) for row in found]


def _next(rows: QuerySet[Conversation], walk: _Walk, count: int) -> list[_Placed]:
    still = rows.filter(walk.beyond("updated_at"), updated_at__lte=walk.began).order_by("-updated_at", "-id")
    earlier = Message.objects.filter(conversation=OuterRef("pk"), created_at__lte=walk.began).order_by("-sequence")
    moved = (
        rows.filter(updated_at__gt=walk.began, created_at__lte=walk.began)
        .annotate(activity_then=Coalesce(Subquery(earlier.values("created_at")[:1]), F("created_at")))
        .filter(walk.beyond("activity_then"))
        .order_by("-activity_then", "-id")
    )
    found = [(row.updated_at, row) for row in still[:count]] + [(row.activity_then, row) for row in moved[:count]]
    return sorted(found, key=lambda placed: (placed[0], placed[1].id), reverse=True)[:count]


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
