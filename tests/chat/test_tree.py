"""The tree of a conversation against a model that keeps parents and children only."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.cast import Person
from tests.chat.talk import Ending, end
from workspace.chat import actions, lists, turns
from workspace.chat.contracts import Question
from workspace.chat.errors import NotContinuable, TurnRunning
from workspace.chat.models import Conversation
from workspace.common.errors import AtriumError, NotFound
from workspace.common.pagination import PageQuery
from workspace.common.work import unit
from workspace.runs.contracts import State

ENDS = st.sampled_from([State.DONE, State.STOPPED, State.FAILED])
TEXTS = st.sampled_from(["日本", "🗾", "<|end|>", "\ttab", "e\u0301", "word"])


@dataclass
class Node:
    """A message as the model knows it."""

    parent: UUID | None
    role: str
    text: str
    status: str
    turn: UUID | None = None
    is_cut: bool = False


@dataclass
class Model:
    """The whole truth: messages in the order of writing, and which leaf is active."""

    nodes: dict[UUID, Node] = field(default_factory=dict)
    active: UUID | None = None

    def children(self, parent: UUID | None) -> list[UUID]:
        return [identity for identity, node in self.nodes.items() if node.parent == parent]

    def branch(self) -> list[UUID]:
        found, at = [], self.active
        while at is not None:
            found.append(at)
            at = self.nodes[at].parent
        return found[::-1]

    def leaf_below(self, message: UUID) -> UUID:
        while below := self.children(message):
            message = below[-1]
        return message

    def is_answered(self, question: UUID | None) -> bool:
        return any(self.nodes[child].status == "running" for child in self.children(question))


class Talk(RuleBasedStateMachine):
    """Everything that one person can do to one conversation, in any order."""

    person: Person
    answers, questions = Bundle("answers"), Bundle("questions")

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        actor = self.person.actor
        with unit(actor.workspace, actor.user):
            self.conversation = actions.create_conversation(actor).id

    def do(self, action: Any, *arguments: Any) -> Any:
        """An action in a unit, or the error that it told."""
        actor = self.person.actor
        try:
            with unit(actor.workspace, actor.user):
                return action(actor, *arguments)
        except AtriumError as error:
            return type(error)

    def wrote(self, question: UUID, turn: UUID, answer: UUID) -> None:
        self.model.nodes[answer] = Node(question, "assistant", "", "running", turn)
        self.model.active = answer

    def sent(self, question: Question, parent: UUID | None) -> tuple[UUID, UUID] | None:
        started = self.do(turns.send, self.conversation, question)
        if parent is not None and self.model.nodes[parent].status == "running":
            assert started is TurnRunning
            return None
        self.model.nodes[started.user_message] = Node(parent, "user", question.text, "done")
        self.wrote(started.user_message, started.turn, started.message)
        return started.user_message, started.message

    @rule(target=answers, text=TEXTS)
    def ask_at_the_leaf(self, text: str) -> Any:
        made = self.sent(Question(text), self.model.active)
        return made[1] if made else self.model.active

    @rule(target=answers, text=TEXTS, parent=st.none() | answers)
    def ask_elsewhere(self, text: str, parent: UUID | None) -> Any:
        made = self.sent(Question(text, is_at_leaf=False, parent=parent), parent)
        return made[1] if made else parent

    @rule(target=answers, answer=answers)
    def regenerate(self, answer: UUID) -> UUID:
        question = self.model.nodes[answer].parent
        assert question
        started = self.do(turns.regenerate, answer)
        if self.model.is_answered(question):
            assert started is TurnRunning
            return answer
        self.wrote(question, started.turn, started.message)
        return UUID(str(started.message))

    @rule(answer=answers, text=TEXTS, state=ENDS, cut=st.booleans())
    def end(self, answer: UUID, text: str, state: State, cut: bool) -> None:
        node = self.model.nodes[answer]
        if node.status != "running":
            return
        is_cut = cut and state is State.DONE
        end(self.person, node.turn or "", Ending(node.text + text, state, "length" if is_cut else "stop"))
        node.text, node.status, node.is_cut = node.text + text, state.value, is_cut

    @rule(answer=answers)
    def stop(self, answer: UUID) -> None:
        assert self.do(turns.stop, self.model.nodes[answer].turn) is None

    @rule(answer=answers)
    def go_on(self, answer: UUID) -> None:
        node = self.model.nodes[answer]
        following = self.do(turns.continue_turn, node.turn)
        if self.model.is_answered(node.parent):
            assert following is TurnRunning
        elif not (node.is_cut or node.status in {"stopped", "failed"}) or self.model.children(answer):
            assert following is NotContinuable
        else:
            node.turn, node.status, node.is_cut = following, "running", False

    @rule(answer=answers)
    def switch(self, answer: UUID) -> None:
        assert self.do(actions.switch_branch, self.conversation, answer) is None
        self.model.active = self.model.leaf_below(answer)

    @precondition(lambda self: self.model.nodes)
    @rule(end=st.just(None))
    def delete(self, end: None) -> None:
        before = self.conversation
        assert self.do(actions.delete_conversation, before) is None
        assert self.do(lists.tree_page, before, PageQuery()) is NotFound
        # What was deleted comes back for the rest of the run: only the row says so.
        with unit(self.person.workspace, self.person.user.id):
            Conversation.objects.filter(id=before).update(deleted_at=None)

    @invariant()
    def the_branch_and_the_tree_are_the_model_s(self) -> None:
        if not hasattr(self, "conversation"):
            return
        branch = self.do(lists.branch_page, self.conversation, PageQuery(limit=100)).items
        tree = self.do(lists.tree_page, self.conversation, PageQuery(limit=100)).items
        assert [message.id for message in branch] == self.model.branch()
        assert [message.id for message in tree] == list(self.model.nodes)
        for message in tree:
            node, family = self.model.nodes[message.id], self.model.children(message.parent)
            shown = (message.parent, message.role, message.text, message.status)
            assert shown == (node.parent, node.role, node.text, node.status)
            assert (message.sibling_index, message.sibling_count) == (family.index(message.id), len(family))


@pytest.mark.slow
def test_any_order_of_actions_leaves_the_tree_that_it_should(alice: Person) -> None:
    Talk.person = alice
    lasting = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(Talk, settings=lasting)
