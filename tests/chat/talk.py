"""What the tests of this room do often: ask through the API, and end a turn as a runner would."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.test import Client

from tests.cast import Person
from workspace.common.work import unit
from workspace.runs.contracts import Outcome, RunError, State, Usage

FAILURE = RunError("engine_failed", "The model engine failed", True)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn shall end."""

    text: str = "An answer."
    state: State = State.DONE
    finish: Literal["stop", "length"] | None = "stop"


def end(person: Person, turn: str | UUID, ending: Ending = Ending()) -> dict[str, Any]:
    """Ends a turn: the run's row as a runner leaves it, and what the kind of run does in the same transaction."""
    from django.utils.dateparse import parse_datetime

    from workspace.chat.kind import Turn
    from workspace.runs import queries
    from workspace.runs.models import Run

    moment = parse_datetime("2026-11-25T09:30:00Z")
    assert moment
    failed = ending.state is State.FAILED
    outcome = Outcome(
        state=ending.state,
        finish=ending.finish if ending.state is State.DONE else None,
        text=ending.text,
        usage=Usage(11, 7, 3),
        engine="engine-1",
        model="test",
        route_reason="only_engine",
        error=FAILURE if failed else None,
        queued_at=moment,
        started_at=moment,
        first_token_at=moment,
        ended_at=moment,
    )
    with unit(person.workspace, person.user.id):
        said = Turn().finish(queries.run_view(UUID(str(turn))), outcome)
        error = {"code": FAILURE.code, "detail": FAILURE.detail, "retryable": True} if failed else None
        Run.objects.filter(id=turn).update(state=ending.state, error=error)
    return dict(said)


class Browser:
    """A program with a person's token."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.client = Client(headers=person.headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a route; `body` is sent as JSON."""
        sent = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
        return getattr(self.client, method)(path, headers=headers, **sent)

    def get(self, path: str) -> Any:
        """The JSON of a route that answers 200."""
        answer = self.call("get", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def conversation(self, **body: Any) -> str:
        """A new conversation's id."""
        answer = self.call("post", "/api/conversations", body)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def ask(self, conversation: str, text: str = "A question?", **body: Any) -> dict[str, str]:
        """Sends a question; the ids of turn, message and user_message."""
        answer = self.call("post", f"/api/conversations/{conversation}/turns", {"text": text, **body})
        assert answer.status_code == 202, answer.content
        made: dict[str, str] = answer.json()
        return made

    def exchange(self, conversation: str, text: str = "A question?", reply: str = "An answer.", **body: Any) -> Any:
        """Sends a question and ends its turn with this answer."""
        asked = self.ask(conversation, text, **body)
        end(self.person, asked["turn"], Ending(reply))
        return asked

    def messages(self, conversation: str, query: str = "") -> list[dict[str, Any]]:
        """The messages on the first page."""
        items: list[dict[str, Any]] = self.get(f"/api/conversations/{conversation}/messages{query}")["items"]
        return items

    def texts(self, conversation: str) -> list[str]:
        """The words of the active branch."""
        return [message["text"] for message in self.messages(conversation)]
