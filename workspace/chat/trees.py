"""The tree of a locked conversation, while one transaction adds messages to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

from django.db.models.functions import Now

from compliance.contracts import DataPolicy
from compliance.queries import policy_of
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import own_conversations, sibling_count
from workspace.common.contracts import Actor
from workspace.common.errors import NotFound


@dataclass(slots=True)
class Tree:
    """What is added to one conversation. `moment` is its last activity from now on, and when all of it was written."""

    conversation: Conversation
    policy: DataPolicy
    moment: datetime
    added: list[Message] = field(default_factory=list)

    @classmethod
    def locked(cls, actor: Actor, conversation: UUID) -> Self:
        """The tree of one of the actor's conversations, locked until the unit ends.

        Raises:
            CapabilityMissing: the actor may not chat.
            NotFound: there is none, or it is somebody else's.
        """
        rows = own_conversations(actor).filter(id=conversation)
        row = rows.annotate(clock=Now()).select_for_update().first()
        if row is None:
            raise NotFound
        # The clock was read before the lock was had: whoever held it may have written a later moment.
        moment = max(row.clock, row.updated_at + timedelta(microseconds=1))
        return cls(row, policy_of(actor, temporary=row.is_temporary), moment)

    def place(self, parent: Message | None, role: Message.Role, status: Message.Status) -> Message:
        """A new message below `parent`, as its newest child. A first child goes on in its parent's lane.

        What the policy decides about it is written down now, since it cannot be found out afterwards.
        """
        is_new = parent in self.added
        sibling = 0 if is_new else sibling_count(self.conversation.id, None if parent is None else parent.id)
        self.conversation.message_count += 1
        message = Message(
            id=uuid4(),
            conversation=self.conversation,
            parent=parent,
            sequence=self.conversation.message_count,
            sibling=sibling,
            depth=0 if parent is None else parent.depth + 1,
            role=role,
            status=status,
            surface=self.policy.surface,
            policy_version=self.policy.version,
            training_allowed=self.policy.training.allowed,
            training_reason=self.policy.training.reason,
            consent_sequence=self.policy.training.consent_sequence,
            created_at=self.moment,
        )
        message.lane = parent.lane if parent is not None and sibling == 0 else message.id
        self.added.append(message)
        return message

    def store(self) -> None:
        """Writes what was added; the last of it is the active leaf."""
        Message.objects.bulk_create(self.added)
        self.conversation.active_leaf, self.conversation.updated_at = self.added[-1], self.moment
        self.conversation.save(update_fields=["active_leaf", "updated_at", "message_count", "title"])
