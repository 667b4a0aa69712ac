"""What a person has written and not sent: sealed under their own key, one draft a chat and one for the next new chat.

A save comes every few keystrokes, so it is one statement and leaves no audit row. Of two devices the later save counts.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db.models.functions import Now

from workspace.accounts.permissions import Capability, require
from workspace.chat.contracts import LONGEST_TEXT
from workspace.chat.models import Draft
from workspace.chat.queries import conversation_for
from workspace.common import sealed
from workspace.common.contracts import Actor
from workspace.common.errors import Conflict, TooLarge

# A draft that nobody touched for so long is gone; no policy keeps it longer.
LIFE: Final = timedelta(days=30)


def keep_draft(actor: Actor, conversation: UUID | None, text: str) -> None:
    """Puts the draft of a chat, or of the new chat, in place of the one before; blank text is none.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
        Conflict: a temporary chat keeps nothing that was not sent.
        TooLarge: the text has more than 200,000 characters.
    """
    _check(actor, conversation)
    if len(text) > LONGEST_TEXT:
        raise TooLarge(f"A message has at most {LONGEST_TEXT:,} characters.")
    if not text.strip():
        drop_draft(actor, conversation)
        return
    draft = Draft(id=_identity(actor, conversation), user_id=actor.user, conversation_id=conversation)
    sealed.write(draft, "text", text.encode())
    draft.updated_at = Now()
    Draft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["id"], update_fields=["text", "updated_at"]
    )


def draft_of(actor: Actor, conversation: UUID | None) -> str:
    """The draft of a chat, or of the new chat; empty where there is none. The caller has made sure that the actor may
    see the chat.
    """
    draft = Draft.objects.filter(id=_identity(actor, conversation)).first()
    return "" if draft is None else sealed.read(draft, "text").decode()


def drop_draft(actor: Actor, conversation: UUID | None) -> None:
    """It was sent, or emptied."""
    Draft.objects.filter(id=_identity(actor, conversation)).delete()


def forget_drafts() -> int:
    """Deletes those that are over, of all workspaces. Returns how many."""
    return Draft.objects.using("sweep").filter(updated_at__lt=Now() - LIFE).delete()[0]


def _check(actor: Actor, conversation: UUID | None) -> None:
    if conversation is None:
        require(actor, Capability.CHAT)
    elif conversation_for(actor, conversation).is_temporary:
        raise Conflict("A temporary chat keeps no draft.")


def _identity(actor: Actor, conversation: UUID | None) -> UUID:
    return uuid5(actor.user, f"{actor.workspace} {conversation or 'new'}")
