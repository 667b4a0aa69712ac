"""Questions about conversations and messages. Each asks first whether the actor may, and sees the actor's own only."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Now

from workspace.accounts.permissions import Capability, require
from workspace.chat import bodies
from workspace.chat.contracts import ConversationView, MessageView
from workspace.chat.models import Conversation, Message
from workspace.common import keys, sealed
from workspace.common.ciphers import OpenedKey
from workspace.common.contracts import Actor, KeyOwner
from workspace.common.errors import NotFound

_SIBLINGS = """
select parent_id, max(sibling) + 1 from chat_message
where conversation_id = %s and (parent_id = any(%s::uuid[]) or (%s and parent_id is null)) group by parent_id
"""


def alive(prefix: str = "") -> Q:
    """Neither deleted nor, as the database's clock has it, expired."""
    return Q((f"{prefix}deleted_at", None)) & _unexpired(prefix)


def _unexpired(prefix: str = "") -> Q:
    return Q((f"{prefix}expires_at", None)) | Q((f"{prefix}expires_at__gt", Now()))


def own_conversations(actor: Actor) -> QuerySet[Conversation]:
    """All that the actor may see.

    Raises:
        CapabilityMissing: the actor may not chat.
    """
    require(actor, Capability.CHAT)
    return Conversation.objects.filter(alive(), user_id=actor.user)


def conversation_for(actor: Actor, conversation: UUID, *, for_change: bool = False) -> Conversation:
    """One of the actor's conversations; `for_change` locks it until the unit ends.

    Raises:
        CapabilityMissing: the actor may not chat.
        NotFound: there is none, or it is somebody else's.
    """
    rows = own_conversations(actor).filter(id=conversation)
    found = (rows.select_for_update() if for_change else rows).first()
    if found is None:
        raise NotFound
    return found


def kept_conversation_for(actor: Actor, conversation: UUID) -> Conversation:
    """One of the actor's that is still there, deleted or not, locked until the unit ends.

    Raises:
        CapabilityMissing: the actor may not chat.
        NotFound: there is none, or it is somebody else's.
    """
    require(actor, Capability.CHAT)
    rows = Conversation.objects.filter(_unexpired(), id=conversation, user_id=actor.user)
    found = rows.select_for_update().first()
    if found is None:
        raise NotFound
    return found


def message_for(actor: Actor, message: UUID | Subquery) -> Message:
    """A message of one of the actor's conversations.

    Raises:
        CapabilityMissing: the actor may not chat.
        NotFound: there is none, or it is somebody else's.
    """
    require(actor, Capability.CHAT)
    found = Message.objects.filter(alive("conversation__"), id=message, conversation__user_id=actor.user).first()
    if found is None:
        raise NotFound
    return found


def conversation_key(conversation: UUID) -> OpenedKey:
    """The key of a conversation's words.

    Raises:
        KeyDestroyed: it was purged.
    """
    return keys.open_one(KeyOwner.CONVERSATION, conversation)


def conversation_views(conversations: Sequence[Conversation]) -> list[ConversationView]:
    """Conversations with their titles, in one query however many there are."""
    titles = sealed.read_all(conversations, "title")
    return [
        ConversationView(
            id=row.id,
            title=title.decode(),
            temporary=row.is_temporary,
            pinned=row.is_pinned,
            archived=row.is_archived,
            active_leaf=row.active_leaf_id,
            model=row.model or None,
            created_at=row.created_at,
            updated_at=row.updated_at,
            expires_at=row.expires_at,
        )
        for row, title in zip(conversations, titles, strict=True)
    ]


def message_views(conversation: UUID, messages: Sequence[Message]) -> list[MessageView]:
    """Messages of one conversation with their words and places, in two queries however many there are."""
    if not messages:
        return []
    counts = _sibling_counts(conversation, {message.parent_id for message in messages})
    key = conversation_key(conversation)
    return [
        MessageView(
            id=row.id,
            parent=row.parent_id,
            role=row.role,
            text=text_of(row, key),
            created_at=row.created_at,
            status=row.status,
            sibling_index=row.sibling,
            sibling_count=counts[row.parent_id],
        )
        for row in messages
    ]


def text_of(message: Message, key: OpenedKey) -> str:
    """The words of a message, under its conversation's key."""
    return bodies.text_of(sealed.read(message, "body", key))


def sibling_count(conversation: UUID, parent: UUID | None) -> int:
    """How many messages of the conversation have this parent (None: are first messages)."""
    return _sibling_counts(conversation, {parent}).get(parent, 0)


def _sibling_counts(conversation: UUID, parents: set[UUID | None]) -> dict[UUID | None, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SIBLINGS, [conversation, [p for p in parents if p is not None], None in parents])
        return dict(cursor.fetchall())
