"""How a conversation ends: hidden at once, then gone with its messages, its turns, their journals and its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from workspace.chat.actions import running_turns
from workspace.chat.models import Conversation, Message
from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.retention import Item
from workspace.runs import actions as runs

_FACTS: Final = ("workspace_id", "id", "created_at", "is_temporary", "expires_at", "deleted_at")


@dataclass(frozen=True, slots=True)
class ConversationEnd:
    """The retention target "conversation"."""

    name: str = "conversation"
    models: tuple[type[Conversation], type[Message]] = (Conversation, Message)
    key_owner: KeyOwner = KeyOwner.CONVERSATION

    def due(self, grace: timedelta, after: UUID | None, limit: int) -> Sequence[Item]:
        """Expired temporary ones, and those that their person deleted `grace` ago or earlier."""
        over = Q(expires_at__lte=Now()) | Q(deleted_at__lte=Now() - grace)
        rows = Conversation.objects.using("sweep").filter(over)
        if after is not None:
            rows = rows.filter(id__gt=after)
        return [Item(*facts) for facts in rows.order_by("id").values_list(*_FACTS)[:limit]]

    def locked(self, item: UUID) -> Item | None:
        """As it is now, locked until the unit ends."""
        facts = Conversation.objects.filter(id=item).select_for_update().values_list(*_FACTS).first()
        return None if facts is None else Item(*facts)

    def hide(self, item: UUID) -> None:
        """As if its person had deleted it now: what is being written in it is stopped too."""
        for turn in running_turns(item):
            runs.stop(turn)
        Conversation.objects.filter(id=item).update(deleted_at=Now())

    def delete(self, item: UUID) -> int:
        """Takes it away with all messages and turns."""
        answers = Message.objects.filter(conversation=item, role=Message.Role.ASSISTANT)
        turns = runs.forget(list(answers.values_list("id", flat=True)))
        messages, _ = Message.objects.filter(conversation=item).delete()
        conversations, _ = Conversation.objects.filter(id=item).delete()
        return turns + messages + conversations

    def is_absent(self, item: UUID) -> bool:
        """No row, and no key with which a copy of one could be read."""
        rows = (Conversation.objects.filter(id=item), Message.objects.filter(conversation=item))
        return not any(found.exists() for found in rows) and not keys.opened(KeyOwner.CONVERSATION, [item])
