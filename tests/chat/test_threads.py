"""The active branch as a page shows it, stretch by stretch."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Person
from tests.chat.talk import Browser, Ending, end
from workspace.chat.models import Conversation, Message
from workspace.chat.seeding import seed_messages
from workspace.chat.threads import MOST, NEWEST, PAGE, Shown, Span, Thread, text_of_events, thread
from workspace.common.work import unit
from workspace.runs.contracts import Event, State


def read(person: Person, conversation: str | UUID, span: Span = NEWEST) -> Thread:
    with unit(person.workspace, person.user.id):
        return thread(Conversation.objects.get(id=conversation), span)


def seeded(person: Person, messages: int) -> UUID:
    with unit(person.workspace, person.user.id):
        return seed_messages(person.user.id, messages)


@given(st.integers(0, 5000), st.integers(-3, 5001) | st.none(), st.integers(-3, 5001) | st.none())
def test_a_stretch_lies_within_the_branch_and_is_never_longer_than_a_page_may_be(
    depth: int, before: int | None, since: int | None
) -> None:
    first, last = Span(before, since).of(depth)

    assert first >= 0
    assert last <= depth
    assert last - first < MOST
    if before is not None and 0 < before <= depth:
        assert last == before - 1
    if since is not None and before is None and 0 <= since <= depth < since + MOST:
        assert first == since


@pytest.mark.django_db(transaction=True)
def test_the_newest_come_first_and_stretch_after_stretch_leads_to_the_beginning(alice: Person) -> None:
    chat = seeded(alice, 2 * PAGE + 6)
    pages = [read(alice, chat)]
    while pages[-1].first:
        pages.append(read(alice, chat, Span(before=pages[-1].first)))

    assert [len(page.messages) for page in pages] == [PAGE, PAGE, 6]
    assert [page.is_past for page in pages] == [False, True, True]
    depths = [shown.message.depth for page in reversed(pages) for shown in page.messages]
    assert depths == list(range(2 * PAGE + 6))


@pytest.mark.django_db(transaction=True)
def test_a_stretch_takes_the_same_few_queries_however_long_the_chat_is(alice: Person) -> None:
    counts = []
    for messages in (20, 600):
        chat = seeded(alice, messages)
        with unit(alice.workspace, alice.user.id):
            row = Conversation.objects.get(id=chat)
            with CaptureQueriesContext(connection) as queries:
                thread(row)
            counts.append(len(queries))

    assert counts[0] == counts[1] <= 5


@pytest.mark.django_db(transaction=True)
def test_an_empty_chat_has_an_empty_thread(browser: Browser, alice: Person) -> None:
    shown = read(alice, browser.conversation())

    assert (shown.messages, shown.first, shown.version) == ([], 0, "")


@pytest.mark.django_db(transaction=True)
def test_the_version_changes_with_whatever_the_page_shows_of_the_end(browser: Browser, alice: Person) -> None:
    chat = browser.conversation()
    versions = [read(alice, chat).version]
    asked = browser.ask(chat)
    versions.append(read(alice, chat).version)
    end(alice, asked["turn"], Ending("Half", State.STOPPED))
    versions.append(read(alice, chat).version)
    again = browser.call("post", f"/api/turns/{asked['turn']}/continue").json()
    versions.append(read(alice, chat).version)
    end(alice, again["turn"], Ending("Half and half"))
    versions.append(read(alice, chat).version)
    other = browser.call("post", f"/api/messages/{asked['message']}/regenerate").json()
    end(alice, other["turn"])
    versions.append(read(alice, chat).version)
    browser.call("patch", f"/api/conversations/{chat}", {"active_leaf": asked["message"]})
    versions.append(read(alice, chat).version)

    assert len(set(versions)) == len(versions)
    assert read(alice, chat).version == versions[-1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "ending", [Ending("Half", State.STOPPED), Ending("Half", State.FAILED), Ending("Half", finish="length")]
)
def test_only_the_last_answer_can_go_on(browser: Browser, alice: Person, ending: Ending) -> None:
    chat = browser.conversation()
    end(alice, browser.ask(chat)["turn"], ending)
    assert read(alice, chat).messages[-1].may_go_on

    browser.exchange(chat)

    assert [shown.may_go_on for shown in read(alice, chat).messages] == [False] * 4


@pytest.mark.parametrize("code, helps", [("engine_failed", True), ("model_not_served", False)])
def test_an_answer_is_offered_to_go_on_where_that_may_help(code: str, helps: bool) -> None:
    answer = Message(workspace_id=uuid4(), status=Message.Status.FAILED, role=Message.Role.ASSISTANT)

    assert Shown(answer, "", 1, 1, error_code=code, is_last=True).may_go_on is helps


def text(delta: str, at: int) -> Event:
    return Event(1, "text", {"delta": delta, "at": at})


@pytest.mark.parametrize(
    ("events", "held", "whole"),
    [
        ([], "", ""),
        ([], "held", "held"),
        ([text("ab", 0), text("c", 2)], "", "abc"),
        ([text("cd", 2)], "ab", "abcd"),
        ([text("cd", 2)], "ab\n\n", "abcd"),  # what a continued answer held and dropped
        ([text("ab", 0), Event(2, "replaced", {"text": "X", "reason": "filter"}), text("y", 1)], "", "Xy"),
    ],
)
def test_events_add_up_to_what_is_written(events: list[Event], held: str, whole: str) -> None:
    assert text_of_events(events, held) == whole
