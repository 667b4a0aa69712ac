"""Questions of the lists. Each is asked in a unit and sees the actor's own chats only."""

from typing import Final

from django.db.models import QuerySet

from workspace.chat.contracts import ConversationView
from workspace.chat.models import Conversation
from workspace.chat.queries import conversation_views, own_conversations
from workspace.common.contracts import Actor
from workspace.web.contracts import Shelf

# How many the sidebar shows; the page of all chats has the rest.
RECENT: Final = 40
PINNED: Final = 40
# Among how many the palette finds one.
FINDABLE: Final = 200


def shelf(actor: Actor) -> Shelf:
    """The pinned and the newest chats, in two queries however many there are.

    Raises:
        CapabilityMissing: the actor may not chat.
    """
    rows = _listed(actor)
    pinned = rows.filter(is_pinned=True)[:PINNED]
    found = conversation_views(list(pinned.union(rows.filter(is_pinned=False)[:RECENT], all=True)))
    found.sort(key=lambda chat: (chat.updated_at, chat.id), reverse=True)
    return Shelf([chat for chat in found if chat.pinned], [chat for chat in found if not chat.pinned])


def findable(actor: Actor) -> list[ConversationView]:
    """The newest chats with their titles, pinned or not.

    Raises:
        CapabilityMissing: the actor may not chat.
    """
    return conversation_views(list(_listed(actor)[:FINDABLE]))


def _listed(actor: Actor) -> QuerySet[Conversation]:
    rows = own_conversations(actor).filter(is_temporary=False, is_archived=False)
    return rows.order_by("-updated_at", "-id")
