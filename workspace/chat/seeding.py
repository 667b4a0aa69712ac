"""Many conversations at once, and a long one, for measurements. They are made without turns and audit rows."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from compliance.contracts import DataPolicy
from compliance.policies import policy_for
from workspace.accounts.queries import current_workspace
from workspace.chat import bodies
from workspace.chat.models import Conversation, Message
from workspace.common import keys, sealed
from workspace.common.contracts import KeyOwner, Surface

_BATCH: Final = 1_000
_WORDS: Final = ("harbour", "京都", "window", "copper", "🗾", "garden", "marble", "river", "会議", "paper", "anchor")


def seed_conversations(user: UUID, wanted: int) -> None:
    """Makes so many conversations with titles, a minute apart, the newest last. In a unit of the person's workspace."""
    policy, now = _policy(), _now()
    for start in range(0, wanted, _BATCH):
        numbers = range(start, min(start + _BATCH, wanted))
        rows = [_conversation(user, policy, now - timedelta(minutes=wanted - number)) for number in numbers]
        opened = keys.create_many(KeyOwner.CONVERSATION, [row.id for row in rows])
        for number, row in zip(numbers, rows, strict=True):
            sealed.write(row, "title", f"Chat {number} {_words(number, 4)}".encode(), opened[row.id])
        Conversation.objects.bulk_create(rows)


def seed_messages(user: UUID, wanted: int) -> UUID:
    """Makes one conversation of so many messages, question and answer in turn, an answer last; its id. In a unit,
    likewise.
    """
    policy, now = _policy(), _now()
    row = _conversation(user, policy, now)
    key = keys.create(KeyOwner.CONVERSATION, row.id)
    sealed.write(row, "title", f"A chat of {wanted} messages".encode(), key)
    row.save(force_insert=True)
    identities = [uuid4() for _ in range(wanted)]
    messages = (_message(row, policy, identities, depth) for depth in range(wanted))
    while batch := list(islice(messages, _BATCH)):
        for message in batch:
            sealed.write(message, "body", bodies.written(_words(message.depth, 30)), key)
        Message.objects.bulk_create(batch)
    row.active_leaf_id, row.message_count = identities[-1], wanted
    row.save(update_fields=["active_leaf", "message_count"])
    return row.id


def _conversation(user: UUID, policy: DataPolicy, moment: datetime) -> Conversation:
    return Conversation(
        user_id=user, surface=policy.surface, policy_version=policy.version, created_at=moment, updated_at=moment
    )


def _message(row: Conversation, policy: DataPolicy, identities: list[UUID], depth: int) -> Message:
    """The message at this depth of a branch without siblings; the last one is an answer."""
    return Message(
        id=identities[depth],
        conversation=row,
        parent_id=identities[depth - 1] if depth else None,
        lane=identities[0],
        sequence=depth + 1,
        sibling=0,
        depth=depth,
        role=Message.Role.ASSISTANT if (len(identities) - depth) % 2 else Message.Role.USER,
        status=Message.Status.DONE,
        surface=policy.surface,
        policy_version=policy.version,
        training_allowed=policy.training.allowed,
        training_reason=policy.training.reason,
        created_at=row.created_at,
    )


def _policy() -> DataPolicy:
    return policy_for(Surface(current_workspace().kind), temporary=False)


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select now()")
        now: datetime = cursor.fetchone()[0]
    return now


def _words(number: int, length: int) -> str:
    return " ".join(_WORDS[(number * 7 + step * step) % len(_WORDS)] for step in range(length))
