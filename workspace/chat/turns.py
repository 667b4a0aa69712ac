"""What a person does to be answered: send, regenerate, stop, continue. A turn is a run of kind "turn" on an answer.

Whoever changes the tree locks the conversation first, so that parallel calls see each other's messages. In one
transaction stand the messages, the run, the audit row and, around it all, the record of the Idempotency-Key.
"""

from uuid import UUID

from django.db.models import Subquery

from workspace.chat import bodies
from workspace.chat.changes import tell_changed
from workspace.chat.contracts import LONGEST_TEXT, TURN, Effort, Question, StartedTurn, TurnView
from workspace.chat.errors import NotContinuable, TurnRunning, refused
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_key, message_for
from workspace.chat.titles import first_words
from workspace.chat.trees import Tree
from workspace.common import sealed
from workspace.common.audit import AuditEvent, record
from workspace.common.ciphers import OpenedKey
from workspace.common.contracts import Actor, KeyOwner
from workspace.common.errors import TooLarge
from workspace.runs import actions as runs
from workspace.runs import queries as run_queries
from workspace.runs.contracts import NewRun
from workspace.runs.models import Run


def send(actor: Actor, conversation: UUID, question: Question) -> StartedTurn:
    """Writes the question behind the active leaf, or behind an earlier answer (a branch), and starts its answer.

    Raises:
        CapabilityMissing, NotFound: see `queries.conversation_for`.
        Invalid: the text is blank, or the parent is no answer of this conversation.
        TooLarge: the text has more than 200,000 characters.
        TurnRunning: the place is being answered.
    """
    if len(question.text) > LONGEST_TEXT:
        raise TooLarge(f"A message has at most {LONGEST_TEXT:,} characters.")
    if not question.text.strip():
        raise refused("text", "blank", "Write something first.")
    tree = Tree.locked(actor, conversation)
    key = conversation_key(conversation)
    parent = _followed(tree.conversation, question)
    asked = tree.place(parent, Message.Role.USER, Message.Status.DONE)
    sealed.write(asked, "body", bodies.written(question.text), key)
    answer = tree.place(asked, Message.Role.ASSISTANT, Message.Status.RUNNING)
    turn = _run(actor, tree, answer, question.effort)
    _name_provisionally(tree.conversation, question.text, key)
    tree.store()
    record(AuditEvent("turn.start", actor, "message", answer.id, {"turn": str(turn)}))
    tell_changed(tree.conversation)
    return StartedTurn(turn, answer.id, asked.id)


def regenerate(actor: Actor, message: UUID) -> StartedTurn:
    """Starts another answer beside this one, which stays.

    Raises:
        CapabilityMissing, NotFound: see `queries.message_for`.
        Invalid: the message is a question.
        TurnRunning: the question is being answered.
    """
    seen = message_for(actor, message)
    if seen.parent_id is None or seen.role != Message.Role.ASSISTANT:
        raise refused("", "not_an_answer", "Only an answer can be regenerated.")
    tree = Tree.locked(actor, seen.conversation_id)
    if _is_answered(seen.parent_id):
        raise TurnRunning
    asked = Message.objects.get(id=seen.parent_id)
    answer = tree.place(asked, Message.Role.ASSISTANT, Message.Status.RUNNING)
    turn = _run(actor, tree, answer, Effort.AUTO)
    tree.store()
    record(AuditEvent("turn.regenerate", actor, "message", answer.id, {"turn": str(turn)}))
    tell_changed(tree.conversation)
    return StartedTurn(turn, answer.id, asked.id)


def stop(actor: Actor, turn: UUID) -> None:
    """Asks the runner to stop. What was committed stays; a turn that has ended is left alone.

    Raises:
        CapabilityMissing, NotFound: see `turn_for`.
    """
    message = turn_for(actor, turn)
    runs.stop(turn)
    record(AuditEvent("turn.stop", actor, "message", message.id, {"turn": str(turn)}))


def continue_turn(actor: Actor, turn: UUID) -> UUID:
    """Goes on with an answer that failed, was stopped or was cut by length: a new turn on the same message.

    Raises:
        CapabilityMissing, NotFound: see `turn_for`.
        NotContinuable: it came to its end, was continued already, or the conversation went on after it.
        TurnRunning: it is still being written.
    """
    seen = turn_for(actor, turn)
    tree = Tree.locked(actor, seen.conversation_id)
    answer = Message.objects.get(id=seen.id)
    if _is_answered(answer.parent_id):
        raise TurnRunning
    if answer.run_id != turn or not answer.may_go_on or answer.children.exists():
        raise NotContinuable
    effort = Effort(str(run_queries.run_view(turn).parameters["effort"]))
    following = _run(actor, tree, answer, effort, continues=turn)
    answer.is_cut = False
    answer.save(update_fields=["run_id", "status", "is_cut"])
    details = {"turn": str(following), "continues": str(turn)}
    record(AuditEvent("turn.continue", actor, "message", answer.id, details))
    tell_changed(tree.conversation)
    return following


def turn_for(actor: Actor, turn: UUID) -> Message:
    """The answer that a turn of the actor's writes or wrote.

    Raises:
        CapabilityMissing: the actor may not chat.
        NotFound: there is no such turn, or it is somebody else's.
    """
    return message_for(actor, Subquery(Run.objects.filter(id=turn).values("subject_id")))


def turn_view(actor: Actor, turn: UUID) -> TurnView:
    """How far a turn of the actor's is.

    Raises:
        CapabilityMissing, NotFound: see `turn_for`.
    """
    message, status = turn_for(actor, turn), run_queries.status_of(turn)
    return TurnView(turn, status.state, message.id, status.error, status.queue_position)


def _followed(row: Conversation, question: Question) -> Message | None:
    parent_id = row.active_leaf_id if question.is_at_leaf else question.parent
    if parent_id is None:
        return None
    parent = Message.objects.filter(id=parent_id, conversation=row).first()
    if parent is None:
        raise refused("parent", "not_found", "There is no such message in this conversation.")
    if parent.role != Message.Role.ASSISTANT:
        raise refused("parent", "not_an_answer", "A question follows an answer.")
    if parent.status == Message.Status.RUNNING:
        raise TurnRunning
    return parent


def _is_answered(question: UUID | None) -> bool:
    """Whether some answer to this question is being written now."""
    return Message.objects.filter(parent=question, status=Message.Status.RUNNING).exists()


def _run(actor: Actor, tree: Tree, answer: Message, effort: Effort, *, continues: UUID | None = None) -> UUID:
    """Queues the run that writes this answer. The date is fixed here, so that each runner renders the same prompt."""
    parameters = {"effort": effort.value, "date": tree.moment.date().isoformat()}
    key_owner = KeyOwner.CONVERSATION
    turn = runs.enqueue(actor, NewRun(TURN, answer.id, key_owner, tree.conversation.id, continues, parameters))
    answer.run_id, answer.status = turn, Message.Status.RUNNING
    return turn


def _name_provisionally(row: Conversation, text: str, key: OpenedKey) -> None:
    """The first words stand as the title until a person or the job gives a better one."""
    if row.active_leaf_id is None and not row.is_named:
        sealed.write(row, "title", first_words(text).encode(), key)
