"""Twenty at once: the database decides, and every caller gets an answer that says what happened."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests.cast import Person
from tests.chat.talk import Browser, Ending, end
from workspace.runs.contracts import State

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20


def at_once(call: Callable[[Browser], Any], person: Person, times: int = TIMES) -> Counter[tuple[int, bytes]]:
    """What so many parallel calls were answered, each from a client and a connection of its own."""

    def one(_: int) -> tuple[int, bytes]:
        try:
            answer = call(Browser(person))
            return answer.status_code, answer.content if answer.status_code < 300 else b""
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as threads:
        return Counter(threads.map(one, range(times)))


def statuses(answers: Counter[tuple[int, bytes]]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for (status, _), times in answers.items():
        counted[status] += times
    return counted


def test_parallel_questions_make_one_turn(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    address = f"/api/conversations/{conversation}/turns"

    answers = at_once(lambda one: one.call("post", address, {"text": "Once?"}), alice)

    assert statuses(answers) == {202: 1, 409: TIMES - 1}
    assert len(browser.messages(conversation, "?all=true")) == 2


def test_parallel_equal_posts_with_one_key_get_one_answer(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    address = f"/api/conversations/{conversation}/turns"

    answers = at_once(lambda one: one.call("post", address, {"text": "Once?"}, **{"Idempotency-Key": "k"}), alice)

    [((status, body), times)] = answers.items()
    assert (status, times) == (202, TIMES)
    assert body
    assert len(browser.messages(conversation, "?all=true")) == 2


def test_parallel_regenerations_and_continuations_make_one_turn(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    asked = browser.ask(conversation)
    end(alice, asked["turn"], Ending("Half", State.STOPPED))

    continued = at_once(lambda one: one.call("post", f"/api/turns/{asked['turn']}/continue"), alice, 8)
    end(alice, str(running(browser, conversation)), Ending("Whole"))
    again = at_once(lambda one: one.call("post", f"/api/messages/{asked['message']}/regenerate"), alice, 8)

    assert statuses(continued) == statuses(again) == {202: 1, 409: 7}


def test_parallel_branches_from_one_answer_all_stand(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    parent = browser.exchange(conversation)["message"]
    address = f"/api/conversations/{conversation}/turns"

    answers = at_once(lambda one: one.call("post", address, {"text": "And?", "parent": parent}), alice)

    assert statuses(answers) == {202: TIMES}
    questions = [m for m in browser.messages(conversation, "?all=true&limit=100") if m["parent"] == parent]
    assert [m["siblings"] for m in questions] == [{"index": n, "count": TIMES} for n in range(TIMES)]


def running(browser: Browser, conversation: str) -> Any:
    """The turn that writes an answer of this conversation now."""
    from workspace.chat.models import Message
    from workspace.common.work import unit

    with unit(browser.person.workspace, browser.person.user.id):
        return Message.objects.get(conversation_id=conversation, status="running").run_id
