"""Jobs of this room."""

import asyncio
from uuid import UUID

from compliance.policies import policy_for
from workspace.chat.changes import tell_changed
from workspace.chat.contracts import NAME_CONVERSATION, Untitled
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_key, text_of
from workspace.common import sealed
from workspace.common.contracts import Surface
from workspace.common.jobs import Given, job
from workspace.common.work import unit


@job(NAME_CONVERSATION)
def name_conversation(given: Given) -> None:
    """Asks a model for a title. Where it has none, or a person was faster, the title stays as it is.

    Raises:
        EngineUnavailable, EngineFailed, EngineRefused: see `inference.errors`; the job is tried again where that helps.
    """
    from workspace.chat.naming import suggested  # noqa: PLC0415 - only a process that runs the job pays for the pool

    with unit(given.workspace):
        untitled = _untitled(given.subject)
    if untitled is None:
        return
    title = asyncio.run(suggested(untitled))
    if not title:
        return
    with unit(given.workspace):
        row = _unnamed(given.subject)
        if row is not None:
            sealed.write(row, "title", title.encode())
            row.save(update_fields=["title"])
            tell_changed(row)


def _unnamed(conversation: UUID) -> Conversation | None:
    rows = Conversation.objects.filter(id=conversation, is_named=False, deleted_at=None)
    return rows.select_for_update().first()


def _untitled(conversation: UUID) -> Untitled | None:
    row = _unnamed(conversation)
    first = Message.objects.filter(conversation=conversation, role=Message.Role.USER).order_by("sequence").first()
    if row is None or first is None:
        return None
    policy = policy_for(Surface(row.surface), temporary=row.is_temporary)
    return Untitled(text_of(first, conversation_key(conversation)), policy, row.model or None)
