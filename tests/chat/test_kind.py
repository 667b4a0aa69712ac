"""What a turn asks for and leaves behind, as the runner meets it."""

from uuid import UUID

import pytest

from inference.vocabulary import o200k_harmony
from tests.chat.talk import Browser, Ending, end
from workspace.chat.contracts import TITLE
from workspace.chat.kind import Turn
from workspace.chat.models import Conversation, Message
from workspace.common.errors import NotFound
from workspace.common.work import unit
from workspace.runs.contracts import Prompt, RunRequest, State
from workspace.runs.models import Run
from workspace.runs.queries import run_view


def requested(browser: Browser, turn: str) -> RunRequest:
    with unit(browser.person.workspace, browser.person.user.id):
        return Turn().request(run_view(UUID(turn)))


def prompted(browser: Browser, turn: str, context_length: int = 8_192) -> Prompt:
    with unit(browser.person.workspace, browser.person.user.id):
        return Turn().prompt(run_view(UUID(turn)), o200k_harmony(), context_length)


@pytest.mark.parametrize("is_temporary", [False, True])
def test_a_turn_is_asked_for_under_the_policy_of_its_conversation(browser: Browser, is_temporary: bool) -> None:
    asked = browser.ask(browser.conversation(temporary=is_temporary, model="gpt-oss-20b"))

    request = requested(browser, asked["turn"])

    assert (request.policy.temporary, request.model, request.prefix) == (is_temporary, "gpt-oss-20b", "")
    assert request.started == {"turn": asked["turn"], "message": asked["message"]}


@pytest.mark.parametrize("is_temporary, reason", [(False, "surface_default"), (True, "temporary")])
def test_what_the_policy_decided_stands_beside_each_message(browser: Browser, is_temporary: bool, reason: str) -> None:
    browser.ask(browser.conversation(temporary=is_temporary))

    with unit(browser.person.workspace, browser.person.user.id):
        facts = Message.objects.values_list("training_allowed", "training_reason", "surface").distinct()
        assert list(facts) == [(False, reason, "enterprise")]


@pytest.mark.parametrize("effort, told", [("auto", "medium"), ("low", "low"), ("high", "high")])
def test_the_effort_is_told_to_the_model(browser: Browser, effort: str, told: str) -> None:
    asked = browser.ask(browser.conversation(), effort=effort)

    text = o200k_harmony().decode(prompted(browser, asked["turn"]).ids).decode()

    assert f"Reasoning: {told}\n" in text


def test_a_continued_turn_goes_on_behind_what_the_answer_holds(browser: Browser) -> None:
    asked = browser.ask(browser.conversation())
    before = prompted(browser, asked["turn"])
    end(browser.person, asked["turn"], Ending("Half an", State.STOPPED))
    turn = browser.call("post", f"/api/turns/{asked['turn']}/continue").json()["turn"]

    after = prompted(browser, turn)

    assert requested(browser, turn).prefix == "Half an"
    assert after.ids == before.ids
    assert after.max_tokens == before.max_tokens - len(o200k_harmony().encode("Half an"))


@pytest.mark.parametrize(
    "text, kept",
    [("", "Half an"), ("Half", "Half an"), (" answer, and more", "Half an"), ("Half an answer", "Half an answer")],
)
def test_the_end_of_a_continued_turn_takes_nothing_away(browser: Browser, text: str, kept: str) -> None:
    conversation = browser.conversation()
    asked = browser.ask(conversation)
    end(browser.person, asked["turn"], Ending("Half an", State.STOPPED))
    turn = browser.call("post", f"/api/turns/{asked['turn']}/continue").json()["turn"]

    end(browser.person, turn, Ending(text, State.FAILED))

    assert browser.texts(conversation)[-1] == kept


def test_the_first_exchange_asks_for_a_name_once_and_only_where_nobody_named_it(browser: Browser) -> None:
    unnamed, named = browser.conversation(), browser.conversation(title="Mine")
    temporary = browser.conversation(temporary=True)

    for conversation in (unnamed, named, temporary, unnamed):
        browser.exchange(conversation)

    with unit(browser.person.workspace, browser.person.user.id):
        runs = Run.objects.filter(kind=TITLE).values_list("subject_id", flat=True)
        assert list(runs) == [UUID(unnamed)]


def test_the_final_event_tells_the_receipt_of_a_turn_that_is_done(browser: Browser) -> None:
    done, failed = browser.ask(browser.conversation()), browser.ask(browser.conversation())

    said = end(browser.person, done["turn"])
    told = end(browser.person, failed["turn"], Ending("", State.FAILED))

    assert said == {"message": done["message"], "receipt": browser.get(f"/api/messages/{done['message']}/receipt")}
    assert told == {"message": failed["message"]}


def test_a_conversation_that_was_purged_meanwhile_is_no_fault(browser: Browser) -> None:
    conversation = browser.conversation()
    asked = browser.ask(conversation)
    with unit(browser.person.workspace, browser.person.user.id):
        view = run_view(UUID(asked["turn"]))
        Message.objects.filter(conversation_id=conversation).delete()
        Conversation.objects.filter(id=conversation).delete()

        with pytest.raises(NotFound):
            Turn().request(view)
    assert end(browser.person, asked["turn"]) == {"message": asked["message"]}
