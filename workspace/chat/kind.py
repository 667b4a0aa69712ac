"""What `runs` asks about a turn: under which policy, from which prompt, and what to do at its end."""

from collections.abc import Mapping
from typing import Final, cast

from compliance.queries import policy_of
from inference.vocabulary import Vocabulary
from workspace.chat import bodies
from workspace.chat.branches import branch_to
from workspace.chat.changes import tell_changed
from workspace.chat.contracts import TITLE, TURN, Effort
from workspace.chat.models import Message
from workspace.chat.prompts import LONGEST_ANSWER, TEST_MODELS_LONGEST, TEST_MODELS_TEMPERATURE, Context, Frame
from workspace.chat.queries import conversation_key, text_of
from workspace.chat.receipts import receipt_of
from workspace.common import sealed
from workspace.common.contracts import KeyOwner
from workspace.common.errors import NotFound
from workspace.common.work import here
from workspace.runs import actions as runs
from workspace.runs.contracts import JSON, NewRun, Outcome, Prompt, RunRequest, RunView, State

_STATUS: Final = {
    State.DONE: Message.Status.DONE,
    State.STOPPED: Message.Status.STOPPED,
    State.FAILED: Message.Status.FAILED,
}


class Turn:
    """The run kind "turn". Its subject is the answer that it writes."""

    name = TURN
    is_followed = True

    def request(self, run: RunView) -> RunRequest:
        """Raises:
        NotFound, KeyDestroyed: the conversation was purged meanwhile.
        """
        answer = _answer(run)
        row = answer.conversation
        policy = policy_of(run.actor, temporary=row.is_temporary)
        started: dict[str, JSON] = {"turn": str(run.id), "message": str(answer.id)}
        return RunRequest(policy, row.model or None, started, text_of(answer, conversation_key(row.id)))

    def prompt(self, run: RunView, vocabulary: Vocabulary, context_length: int) -> Prompt:
        """Raises:
        ContextOverflow: the question does not fit into the model's context.
        NotFound, KeyDestroyed: the conversation was purged meanwhile.
        """
        answer = _answer(run)
        if answer.parent_id is None:
            raise NotFound
        key = conversation_key(answer.conversation_id)
        held = len(vocabulary.encode(text_of(answer, key)))
        context = Context(branch_to(answer.parent_id), key, vocabulary)
        ids = context.prompt(_frame(run), context_length - held)
        context.keep()
        room = context_length - held - len(ids)
        if vocabulary.is_test_models:
            return Prompt(ids, min(room, TEST_MODELS_LONGEST), TEST_MODELS_TEMPERATURE)
        return Prompt(ids, min(room, LONGEST_ANSWER))

    def finish(self, run: RunView, outcome: Outcome) -> Mapping[str, JSON]:
        """Writes the answer. Of a conversation that was purged meanwhile nothing is left to write to."""
        said: dict[str, JSON] = {"message": str(run.subject_id)}
        try:
            answer = _answer(run)
        except NotFound:
            return said
        _write(answer, outcome.text)
        answer.status, answer.is_cut = _STATUS[outcome.state], outcome.finish == "length"
        answer.receipt = receipt_of(outcome, answer.policy_version)
        answer.tokens, answer.tokens_of = None, ""
        answer.save(update_fields=["body", "status", "is_cut", "receipt", "tokens", "tokens_of"])
        tell_changed(answer.conversation)
        if outcome.text and _wants_name(answer):
            conversation = answer.conversation_id
            runs.enqueue(run.actor, NewRun(TITLE, conversation, KeyOwner.CONVERSATION, conversation))
        return said | {"receipt": answer.receipt} if outcome.state is State.DONE else said


def _answer(run: RunView) -> Message:
    """With its conversation. Asked once a unit: a run is asked for its request and for its prompt in the same one."""
    known = here().known
    if ("answer", run.subject_id) not in known:
        found = Message.objects.select_related("conversation").filter(id=run.subject_id).first()
        if found is None:
            raise NotFound
        known["answer", run.subject_id] = found
    return cast("Message", known["answer", run.subject_id])


def _write(answer: Message, text: str) -> None:
    """What the answer holds already is never lost: its text goes on, or stays."""
    if answer.body and not text.startswith(text_of(answer, conversation_key(answer.conversation_id))):
        return
    sealed.write(answer, "body", bodies.written(text))


def _frame(run: RunView) -> Frame:
    return Frame(str(run.parameters["date"]), Effort(str(run.parameters["effort"])).for_model)


def _wants_name(answer: Message) -> bool:
    """A first exchange names its conversation, unless a person did or it will not be listed."""
    row = answer.conversation
    return answer.depth == 1 and not row.is_named and not row.is_temporary and row.deleted_at is None
