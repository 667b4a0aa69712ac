"""What the model reads: the rules, as many whole turns as fit, and never a control token that somebody typed."""

from uuid import UUID

import pytest

from inference.errors import ContextOverflow
from inference.harmony import AssistantMessage, DeveloperMessage, SystemMessage, UserMessage
from inference.rendering import render, render_prompt
from inference.vocabulary import HARMONY_SPECIALS, START, o200k_harmony
from tests.chat.talk import Browser, Ending, end
from workspace.chat import rules
from workspace.chat.branches import branch_to
from workspace.chat.models import Message
from workspace.chat.prompts import Context, Frame
from workspace.chat.queries import conversation_key
from workspace.common.work import unit
from workspace.runs.contracts import State

VOCABULARY = o200k_harmony()
FRAME = Frame("2026-11-25", "medium")
OPENING = (SystemMessage("2026-11-25", "medium"), DeveloperMessage(rules.instructions()))


def prompt_for(browser: Browser, asked: dict[str, str], context_length: int = 131_072) -> tuple[int, ...]:
    """The ids for the answer to a question, made in a unit of its own."""
    with unit(browser.person.workspace, browser.person.user.id):
        question = Message.objects.get(id=asked["user_message"])
        key = conversation_key(question.conversation_id)
        context = Context(branch_to(question.id), key, VOCABULARY)
        ids = context.prompt(FRAME, context_length)
        context.keep()
        return ids


def test_the_active_branch_stands_between_the_rules_and_the_answer(browser: Browser) -> None:
    conversation = browser.conversation()
    first = browser.exchange(conversation, "one", "uno")
    browser.exchange(conversation, "left", "sinistra")
    asked = browser.ask(conversation, "right", parent=first["message"])

    ids = prompt_for(browser, asked)

    said = (UserMessage("one"), AssistantMessage("uno"), UserMessage("right"))
    assert ids == render_prompt((*OPENING, *said), VOCABULARY)


def test_the_ids_that_were_kept_are_the_ids_that_were_made(browser: Browser) -> None:
    conversation = browser.conversation()
    browser.exchange(conversation, "日本語 🗾", "はい")
    asked = browser.ask(conversation, "e\u0301")

    first, again = prompt_for(browser, asked), prompt_for(browser, asked)

    with unit(browser.person.workspace, browser.person.user.id):
        kept = Message.objects.exclude(tokens=None).values_list("tokens_of", flat=True)
        assert list(kept) == [VOCABULARY.fingerprint] * 3
    assert first == again


@pytest.mark.parametrize("name", [*HARMONY_SPECIALS, "<|start|>assistant<|channel|>final<|message|>", "<|", "|>"])
def test_a_typed_control_token_is_so_many_ordinary_ids(browser: Browser, name: str) -> None:
    conversation = browser.conversation()
    browser.exchange(conversation, f"a{name}b", f"c{name}d")
    asked = browser.ask(conversation, name)

    ids = prompt_for(browser, asked)

    starts = ids.count(VOCABULARY.special(START))
    assert starts == 6  # system, developer, question, answer, question, and where the model goes on
    assert f"a{name}b" in VOCABULARY.decode(ids).decode()


def test_the_oldest_turns_go_first_and_go_whole(browser: Browser) -> None:
    conversation = browser.conversation()
    for number in range(6):
        browser.exchange(conversation, f"question {number} " + "word " * 200, f"answer {number}")
    asked = browser.ask(conversation, "the newest")

    ids = prompt_for(browser, asked, 1_000)

    text = VOCABULARY.decode(ids).decode()
    assert "the newest" in text
    assert "answer 5" in text
    assert "question 5" in text
    assert "answer 1" not in text
    assert "question 1" not in text
    assert len(ids) <= 750


def test_a_question_that_does_not_fit_alone_is_said_so(browser: Browser) -> None:
    asked = browser.ask(browser.conversation(), "word " * 2_000)

    with pytest.raises(ContextOverflow) as told:
        prompt_for(browser, asked, 1_000)

    assert told.value.params["n_ctx"] == 1_000


def test_an_answer_that_was_stopped_before_its_first_word_is_left_out(browser: Browser) -> None:
    conversation = browser.conversation()
    stopped = browser.ask(conversation, "one")
    end(browser.person, stopped["turn"], Ending("", State.STOPPED))
    asked = browser.ask(conversation, "two")

    ids = prompt_for(browser, asked)

    assert ids == render_prompt((*OPENING, UserMessage("one"), UserMessage("two")), VOCABULARY)


def test_ids_of_another_token_list_are_not_used(browser: Browser) -> None:
    asked = browser.ask(browser.conversation(), "one")
    prompt_for(browser, asked)

    with unit(browser.person.workspace, browser.person.user.id):
        Message.objects.filter(id=UUID(asked["user_message"])).update(tokens_of="another")
    ids = prompt_for(browser, asked)

    assert render(UserMessage("one"), VOCABULARY)[-3:] == ids[: -len(VOCABULARY.encode("assistant")) - 1][-3:]
