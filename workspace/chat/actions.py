"""What a person does with a conversation as a whole. Each: permission, change, audit. What is said in it: `turns`."""

from uuid import UUID, uuid4

from django.db.models import Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from compliance.contracts import DataPolicy
from compliance.queries import policy_of
from workspace.accounts.permissions import Capability, require
from workspace.chat import branches
from workspace.chat.changes import tell_changed
from workspace.chat.contracts import LONGEST_TITLE
from workspace.chat.errors import refused
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_for, conversation_key, kept_conversation_for
from workspace.common import keys, sealed
from workspace.common.audit import AuditEvent, record
from workspace.common.contracts import Actor, KeyOwner
from workspace.runs import actions as runs


def create_conversation(actor: Actor, *, title: str = "", is_temporary: bool = False, model: str = "") -> Conversation:
    """Begins a conversation with a key of its own. A temporary one ends when the policy says, by the database's clock.

    Raises:
        CapabilityMissing: the actor may not chat.
        Invalid: the title is too long.
    """
    require(actor, Capability.CHAT)
    policy = policy_of(actor, temporary=is_temporary)
    row = Conversation(
        id=uuid4(),
        user_id=actor.user,
        is_named=bool(title.strip()),
        is_temporary=is_temporary,
        model=model,
        surface=policy.surface,
        policy_version=policy.version,
        expires_at=_end(policy),
    )
    key = keys.create(KeyOwner.CONVERSATION, row.id)
    sealed.write(row, "title", _checked_title(title).encode(), key)
    row.save(force_insert=True)
    record(AuditEvent("conversation.create", actor, "conversation", row.id, {"temporary": is_temporary}))
    tell_changed(row)
    row.refresh_from_db(fields=["created_at", "updated_at", "expires_at"])
    return row


def _end(policy: DataPolicy) -> Combinable | None:
    return None if policy.expires_after is None else Now() + Value(policy.expires_after)


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise refused("title", "too_long", f"A title has at most {LONGEST_TITLE} characters.")
    return title


def rename(actor: Actor, conversation: UUID, title: str) -> None:
    """Gives it a title that no job replaces.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
        Invalid: the title is blank or too long.
    """
    row = conversation_for(actor, conversation)
    title = _checked_title(title)
    if not title:
        raise refused("title", "blank", "A title has at least one character.")
    sealed.write(row, "title", title.encode(), conversation_key(conversation))
    row.is_named = True
    row.save(update_fields=["title", "is_named"])
    record(AuditEvent("conversation.rename", actor, "conversation", conversation))
    tell_changed(row)


def pin(actor: Actor, conversation: UUID, *, is_pinned: bool) -> None:
    """Puts it among the pinned ones, or takes it from there.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
    """
    row = conversation_for(actor, conversation)
    row.is_pinned = is_pinned
    row.save(update_fields=["is_pinned"])
    record(AuditEvent("conversation.pin", actor, "conversation", conversation, {"pinned": is_pinned}))
    tell_changed(row)


def archive(actor: Actor, conversation: UUID, *, is_archived: bool) -> None:
    """Takes it out of the list without ending it, or puts it back.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
    """
    row = conversation_for(actor, conversation)
    row.is_archived = is_archived
    row.save(update_fields=["is_archived"])
    record(AuditEvent("conversation.archive", actor, "conversation", conversation, {"archived": is_archived}))
    tell_changed(row)


def switch_branch(actor: Actor, conversation: UUID, message: UUID) -> None:
    """Makes the branch through this message the active one, down to its newest leaf.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
        Invalid: the message is none of this conversation.
    """
    row = conversation_for(actor, conversation, for_change=True)
    if not Message.objects.filter(id=message, conversation=row).exists():
        raise refused("active_leaf", "not_found", "There is no such message in this conversation.")
    row.active_leaf_id = branches.newest_leaf_below(message)
    row.save(update_fields=["active_leaf"])
    record(AuditEvent("conversation.switch", actor, "conversation", conversation))
    tell_changed(row)


def delete_conversation(actor: Actor, conversation: UUID) -> None:
    """Hides it at once and stops what is being written in it; retention takes it away for good.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
    """
    row = conversation_for(actor, conversation, for_change=True)
    for run in running_turns(conversation):
        runs.stop(run)
    row.deleted_at = Now()
    row.save(update_fields=["deleted_at"])
    record(AuditEvent("conversation.delete", actor, "conversation", conversation))
    tell_changed(row)


def restore_conversation(actor: Actor, conversation: UUID) -> None:
    """Takes a deletion back, for as long as retention has not come. Answers that it stopped can be continued. What is
    not deleted stays as it is.

    Raises:
        CapabilityMissing, NotFound: see `queries.kept_conversation_for`.
    """
    row = kept_conversation_for(actor, conversation)
    if row.deleted_at is None:
        return
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    record(AuditEvent("conversation.restore", actor, "conversation", conversation))
    tell_changed(row)


def running_turns(conversation: UUID) -> list[UUID]:
    """The runs that are writing answers in it."""
    rows = Message.objects.filter(conversation=conversation, status=Message.Status.RUNNING)
    return [run for run in rows.values_list("run_id", flat=True) if run is not None]
