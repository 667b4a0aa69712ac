"""Jobs of this room."""

from uuid import UUID

from workspace.chat.contracts import NAME_CONVERSATION, TITLE
from workspace.chat.models import Conversation, Message
from workspace.common.contracts import KeyOwner
from workspace.common.jobs import Given, job
from workspace.common.work import unit
from workspace.runs import actions as runs
from workspace.runs.contracts import NewRun, RunView
from workspace.runs.queries import runs_of


@job(NAME_CONVERSATION)
def name_conversation(given: Given) -> None:
    """Has a title written, unless a person was faster: as a run, for whoever asked the first question."""
    with unit(given.workspace):
        turn = _first_turn(given.subject)
        if turn is not None:
            runs.enqueue(turn.actor, NewRun(TITLE, given.subject, KeyOwner.CONVERSATION, given.subject))


def _first_turn(conversation: UUID) -> RunView | None:
    """None where the conversation has a name, or is gone."""
    if not Conversation.objects.filter(id=conversation, is_named=False, deleted_at=None).exists():
        return None
    answers = Message.objects.filter(conversation=conversation, role=Message.Role.ASSISTANT).order_by("sequence")
    turns = runs_of(answers.values_list("id", flat=True)[:1])
    return turns[0].view() if turns else None
