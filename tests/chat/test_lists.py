"""Pages under writes, and what they cost."""

from typing import Any
from uuid import UUID

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests.chat.talk import Browser
from workspace.chat import lists, turns
from workspace.chat.contracts import Question
from workspace.chat.models import Conversation
from workspace.common.pagination import PageQuery
from workspace.common.work import unit

CONVERSATIONS = "/api/conversations"


def walk(browser: Browser, path: str, limit: int = 2) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    return [item for page in pages(browser, path, limit) for item in page]


def pages(browser: Browser, path: str, limit: int) -> Any:
    cursor, mark = "", "&" if "?" in path else "?"
    while cursor is not None:
        page = browser.get(f"{path}{mark}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        yield page["items"]
        cursor = page["next_cursor"]


def test_the_newest_activity_comes_first(browser: Browser) -> None:
    made = [browser.conversation(title=str(number)) for number in range(5)]
    browser.ask(made[1])

    assert [item["title"] for item in walk(browser, CONVERSATIONS)] == ["1", "4", "3", "2", "0"]


def test_renaming_and_pinning_are_no_activity(browser: Browser) -> None:
    made = [browser.conversation(title=str(number)) for number in range(3)]

    browser.call("patch", f"{CONVERSATIONS}/{made[0]}", {"title": "zero", "pinned": True})

    assert [item["title"] for item in walk(browser, CONVERSATIONS)] == ["2", "1", "zero"]
    assert [item["title"] for item in walk(browser, f"{CONVERSATIONS}?pinned=true")] == ["zero"]
    assert [item["title"] for item in walk(browser, f"{CONVERSATIONS}?pinned=false")] == ["2", "1"]


def test_archived_conversations_are_a_list_of_their_own(browser: Browser) -> None:
    made = [browser.conversation(title=str(number)) for number in range(3)]

    browser.call("patch", f"{CONVERSATIONS}/{made[1]}", {"archived": True})

    assert [item["title"] for item in walk(browser, CONVERSATIONS)] == ["2", "0"]
    assert [item["title"] for item in walk(browser, f"{CONVERSATIONS}?archived=true")] == ["1"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(active=st.lists(st.lists(st.integers(0, 7), max_size=3), max_size=4), limit=st.integers(1, 3))
def test_a_walk_meets_every_conversation_once_whatever_happens_meanwhile(
    browser: Browser, active: list[list[int]], limit: int
) -> None:
    with unit(browser.person.workspace, browser.person.user.id):
        Conversation.objects.update(deleted_at=Now())  # what the example before left
    made = [browser.conversation() for _ in range(8)]

    met = []
    for number, page in enumerate(pages(browser, CONVERSATIONS, limit)):
        met += [item["id"] for item in page]
        for index in active[number] if number < len(active) else []:
            browser.ask(made[index], parent=None)
            browser.conversation()

    assert sorted(met) == sorted(made)


def test_a_branch_is_walked_as_it_was_when_the_walk_began(browser: Browser) -> None:
    conversation = browser.conversation()
    for number in range(4):
        browser.exchange(conversation, f"q{number}", f"a{number}")

    met = []
    for page in pages(browser, f"{CONVERSATIONS}/{conversation}/messages", 3):
        met += [item["text"] for item in page]
        browser.exchange(conversation, "elsewhere", "there", parent=None)

    assert met == ["q0", "a0", "q1", "a1", "q2", "a2", "q3", "a3"]


def test_the_tree_comes_in_the_order_of_writing(browser: Browser) -> None:
    conversation = browser.conversation()
    first = browser.exchange(conversation, "q0", "a0")
    browser.exchange(conversation, "q1", "a1")
    browser.exchange(conversation, "q2", "a2", parent=first["message"])

    found = walk(browser, f"{CONVERSATIONS}/{conversation}/messages?all=true", 4)

    assert [item["text"] for item in found] == ["q0", "a0", "q1", "a1", "q2", "a2"]
    assert [item["siblings"]["count"] for item in found] == [1, 1, 2, 1, 2, 1]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "🙂", "a" * 900, "%00"])
@pytest.mark.parametrize("path", ["", "/{conversation}/messages", "/{conversation}/messages?all=true"])
def test_a_cursor_that_was_made_up_is_told(browser: Browser, path: str, cursor: str) -> None:
    address = CONVERSATIONS + path.format(conversation=browser.conversation())

    answer = browser.call("get", f"{address}{'&' if '?' in path else '?'}cursor={cursor}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "cursor"


def test_a_cursor_works_for_its_own_list_only(browser: Browser) -> None:
    for _ in range(3):
        browser.conversation()
    cursor = browser.get(f"{CONVERSATIONS}?limit=1")["next_cursor"]

    assert browser.call("get", f"{CONVERSATIONS}?archived=true&cursor={cursor}").status_code == 400


@pytest.mark.parametrize("count", [1, 12])
def test_lists_cost_the_same_few_queries_whatever_their_length(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        browser.exchange(browser.conversation())
    conversation = browser.conversation()
    for _ in range(count):
        browser.exchange(conversation, parent=None)
        browser.exchange(conversation)
    actor, query = browser.person.actor, PageQuery(limit=100)

    with unit(actor.workspace, actor.user):
        with django_assert_num_queries(3):  # rights, rows, keys
            lists.conversation_page(actor, lists.ConversationFilter(), query)
        with django_assert_num_queries(4):  # the conversation, its branch, the siblings
            lists.branch_page(actor, UUID(conversation), query)
        with django_assert_num_queries(3):
            lists.tree_page(actor, UUID(conversation), query)


@pytest.mark.parametrize("count", [1, 12])
def test_a_turn_is_started_in_eleven_statements_however_long_the_conversation(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    conversation = browser.conversation()
    for _ in range(count):
        browser.exchange(conversation)
    actor = browser.person.actor

    # Rights, lock, the key, parent, siblings, run and its wake-up, messages, conversation, audit, notice.
    with unit(actor.workspace, actor.user), django_assert_num_queries(11):
        turns.send(actor, UUID(conversation), Question("And then?"))
