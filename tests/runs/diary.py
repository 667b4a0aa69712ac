"""A tiny kind of run: its subjects are questions, and what it is told at the end is written into a diary."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from compliance.contracts import DataPolicy, Fallback, TrainingDecision
from inference.harmony import SystemMessage, UserMessage
from inference.rendering import render_prompt
from inference.vocabulary import Vocabulary
from tests.cast import Person
from workspace.common import keys
from workspace.common.contracts import KeyOwner, Surface
from workspace.common.errors import AtriumError
from workspace.common.work import unit
from workspace.runs import actions, queries
from workspace.runs.contracts import (
    JSON,
    MustWait,
    NewRun,
    Outcome,
    Prompt,
    RunRequest,
    RunStatus,
    RunView,
    Watch,
    register,
)

POLICY = DataPolicy("test", Surface.BUSINESS, False, TrainingDecision(False, "test"), Fallback.NEVER, None)


@dataclass
class Diary:
    """The kind. `texts` is what each subject holds; `outcomes` what it was told."""

    name: str = "diary"
    max_tokens: int = 4096
    texts: dict[UUID, str] = field(default_factory=dict)
    outcomes: dict[UUID, list[Outcome]] = field(default_factory=dict)
    refusal: AtriumError | None = None
    is_broken: bool = False
    must_wait: bool = False
    is_followed: bool = True
    told: threading.Event = field(default_factory=threading.Event)

    def request(self, run: RunView) -> RunRequest:
        if self.must_wait:
            raise MustWait
        if self.refusal is not None:
            raise self.refusal
        return RunRequest(POLICY, None, {"page": str(run.subject_id)}, self.texts.get(run.subject_id, ""))

    def prompt(self, run: RunView, vocabulary: Vocabulary, context_length: int) -> Prompt:
        asked = UserMessage(str(run.parameters.get("question", "hello")))
        ids = render_prompt((SystemMessage("2026-11-23"), asked), vocabulary)
        return Prompt(ids, int(str(run.parameters.get("max_tokens", self.max_tokens))))

    def finish(self, run: RunView, outcome: Outcome) -> Mapping[str, JSON]:
        if self.is_broken:
            raise ZeroDivisionError
        self.texts[run.subject_id] = outcome.text
        self.outcomes.setdefault(run.id, []).append(outcome)
        self.told.set()
        return {"page": str(run.subject_id)}


def fresh() -> Diary:
    """A new diary, registered in place of the last."""
    diary = Diary()
    register(diary)
    return diary


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that somebody asked for."""

    person: Person
    run: UUID
    subject: UUID

    def status(self) -> RunStatus:
        with unit(self.person.workspace, self.person.user.id):
            return queries.status_of(self.run)

    def watch(self) -> Watch:
        with unit(self.person.workspace, self.person.user.id):
            key = keys.open_one(KeyOwner.CONVERSATION, self.subject)
            return queries.watch(self.person.actor, self.run, key)

    def stop(self) -> bool:
        with unit(self.person.workspace, self.person.user.id):
            return actions.stop(self.run)

    def wake(self) -> bool:
        with unit(self.person.workspace, self.person.user.id):
            return actions.wake(self.run)


def ask(person: Person, question: str = "hello", continues: Asked | None = None, **parameters: JSON) -> Asked:
    """Queues a run."""
    subject = continues.subject if continues else uuid4()
    with unit(person.workspace, person.user.id):
        if continues is None:
            keys.create(KeyOwner.CONVERSATION, subject)
        new = NewRun(
            "diary",
            subject,
            KeyOwner.CONVERSATION,
            subject,
            continues.run if continues else None,
            {"question": question, **parameters},
        )
        return Asked(person, actions.enqueue(person.actor, new), subject)
