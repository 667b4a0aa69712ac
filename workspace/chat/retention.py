"""How a conversation ends: hidden at once, then gone with its messages, its turns, their journals and its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from workspace.chat.actions import running_turns
from workspace.chat.changes import tell_changed
from workspace.chat.drafts import forget_drafts
from workspace.chat.models import Conversation, Draft, Message
from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.retention import Item, ShortLived
from workspace.runs import actions as runs

# A draft goes with its chat, and by its age alone.
DRAFTS: Final = ShortLived("draft", (Draft,), forget_drafts)
_FACTS: Final = ("workspace_id", "id", "created_at", "is_temporary", "expires_at", "deleted_at")


@dataclass(frozen=True, slots=True)
class ConversationEnd:
    """The retention target "conversation"."""

    name: str = "conversation"
    models: tuple[type[Any], ...] = (Conversation, Message, Draft)
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
        row = Conversation.objects.get(id=item)
        row.deleted_at = Now()
        row.save(update_fields=["deleted_at"])
        tell_changed(row)

    def delete(self, item: UUID) -> int:
        """Takes it away with all messages and turns, and with what its person was writing."""
        drafts, _ = Draft.objects.filter(conversation=item).delete()
        answers = Message.objects.filter(conversation=item, role=Message.Role.ASSISTANT)
        turns = runs.forget([item, *answers.values_list("id", flat=True)])  # the conversation itself: its title's run
        messages, _ = Message.objects.filter(conversation=item).delete()
        conversations, _ = Conversation.objects.filter(id=item).delete()
        return drafts + turns + messages + conversations

    def is_absent(self, item: UUID) -> bool:
        """No row, and no key with which a copy of one could be read."""
        hanging = [model.objects.filter(conversation=item) for model in (Message, Draft)]
        rows = (Conversation.objects.filter(id=item), *hanging)
        return not any(found.exists() for found in rows) and not keys.opened(KeyOwner.CONVERSATION, [item])
