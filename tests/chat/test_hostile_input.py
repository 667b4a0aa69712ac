"""What nobody should send: told in the contract's shape, and nothing is lost by it."""

import uuid
from typing import Any

import pytest

from tests.cast import Person
from tests.chat.talk import Browser

IDENTITY = str(uuid.UUID(int=1))


@pytest.mark.parametrize(
    "body, field, code",
    [
        ({}, "text", "required"),
        ({"text": ""}, "text", "blank"),
        ({"text": " \n\t "}, "text", "blank"),
        ({"text": None}, "text", "string_type"),
        ({"text": 7}, "text", "string_type"),
        ({"text": ["a"]}, "text", "string_type"),
        ({"text": "a\x00b"}, "text", "control_character"),
        ({"text": "a\x1bb"}, "text", "control_character"),
        ({"text": "\ud800"}, "text", "not_unicode"),
        ({"text": "a", "parent": "nonsense"}, "parent", "uuid_parsing"),
        ({"text": "a", "parent": 7}, "parent", "uuid_type"),
        ({"text": "a", "parent": IDENTITY}, "parent", "not_found"),
        ({"text": "a", "attachments": ["f"]}, "attachments", "too_long"),
        ({"text": "a", "attachments": None}, "attachments", "list_type"),
        ({"text": "a", "effort": "most"}, "effort", "enum"),
        ({"text": "a", "txet": "b"}, "txet", "unknown_field"),
    ],
)
def test_a_question_that_cannot_be_is_told_by_its_field(
    browser: Browser, body: dict[str, Any], field: str, code: str
) -> None:
    conversation = browser.conversation()

    answer = browser.call("post", f"/api/conversations/{conversation}/turns", body)

    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert [(fault["field"], fault["code"]) for fault in answer.json()["errors"]] == [(field, code)]
    assert browser.messages(conversation) == []


@pytest.mark.parametrize(
    "body, field",
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"pinned": None}, "pinned"),
        ({"pinned": "yes"}, "pinned"),
        ({"archived": 1}, "archived"),
        ({"active_leaf": IDENTITY}, "active_leaf"),
        ({"active_leaf": "x"}, "active_leaf"),
        ({"temporary": True}, "temporary"),
    ],
)
def test_a_change_that_cannot_be_is_told_and_takes_nothing_else_with_it(
    browser: Browser, body: dict[str, Any], field: str
) -> None:
    conversation = browser.conversation(title="Before")

    answer = browser.call("patch", f"/api/conversations/{conversation}", {"title": "After"} | body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert browser.get(f"/api/conversations/{conversation}")["title"] == "Before"


def test_a_text_may_have_200_000_code_points_and_no_more(browser: Browser) -> None:
    conversation = browser.conversation()
    address = f"/api/conversations/{conversation}/turns"

    refused = browser.call("post", address, {"text": "日" * 200_001})
    taken = browser.call("post", address, {"text": "日" * 200_000})

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert taken.status_code == 202
    assert browser.messages(conversation)[0]["text"] == "日" * 200_000


def test_a_question_does_not_follow_a_question_or_another_conversation_s_answer(browser: Browser) -> None:
    first, second = browser.conversation(), browser.conversation()
    asked = browser.exchange(first)

    for conversation, parent in ((first, asked["user_message"]), (second, asked["message"])):
        answer = browser.call("post", f"/api/conversations/{conversation}/turns", {"text": "?", "parent": parent})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "parent")


def test_a_question_cannot_be_regenerated(browser: Browser) -> None:
    asked = browser.exchange(browser.conversation())

    assert browser.call("post", f"/api/messages/{asked['user_message']}/regenerate").status_code == 400


def test_somebody_else_s_message_as_a_parent_is_like_one_that_never_was(browser: Browser, charlie: Person) -> None:
    theirs = browser.exchange(browser.conversation())["message"]
    stranger = Browser(charlie)
    address = f"/api/conversations/{stranger.conversation()}/turns"

    answers = [stranger.call("post", address, {"text": "?", "parent": parent}) for parent in (theirs, IDENTITY)]

    assert answers[0].content == answers[1].content
    assert answers[0].status_code == 400


@pytest.mark.parametrize(
    "query", ["as=html", "q=word", "limit=0", "limit=101", "limit=x", "limit=1&limit=2", "all=perhaps"]
)
def test_a_list_is_asked_in_words_that_it_knows(browser: Browser, query: str) -> None:
    conversation = browser.conversation()

    assert browser.call("get", f"/api/conversations/{conversation}/messages?{query}").status_code == 400


@pytest.mark.parametrize(
    "method, path",
    [
        ("get", "/api/conversations/{}"),
        ("patch", "/api/conversations/{}"),
        ("delete", "/api/conversations/{}"),
        ("get", "/api/conversations/{}/messages"),
        ("get", "/api/conversations/{}/messages?all=true"),
        ("post", "/api/conversations/{}/turns"),
    ],
)
@pytest.mark.parametrize("body", [{}, {"text": "Hello", "title": "x", "nonsense": 1}])
def test_a_stranger_learns_nothing_from_a_conversation_s_id(
    browser: Browser, charlie: Person, method: str, path: str, body: dict[str, Any]
) -> None:
    conversation = browser.conversation()
    stranger = Browser(charlie)

    answers = [stranger.call(method, path.format(identity), body) for identity in (conversation, IDENTITY)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert browser.get(f"/api/conversations/{conversation}")["id"] == conversation
