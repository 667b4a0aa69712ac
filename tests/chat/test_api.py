"""The contract's rows, as a program meets them."""

import uuid

import pytest

from tests.cast import Person
from tests.chat.talk import Browser, Ending, end
from workspace.runs.contracts import State


def test_a_new_conversation_has_the_shape_of_the_contract(browser: Browser) -> None:
    answer = browser.call("post", "/api/conversations", {"title": "  Plan \n the offsite ", "model": "gpt-oss-20b"})

    made = answer.json()
    assert answer.status_code == 201
    assert made.pop("id")
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {
        "title": "Plan the offsite",
        "temporary": False,
        "pinned": False,
        "archived": False,
        "active_leaf": None,
        "model": "gpt-oss-20b",
        "expires_at": None,
    }


def test_a_question_is_accepted_at_once_and_its_answer_is_being_written(browser: Browser) -> None:
    conversation = browser.conversation()

    asked = browser.ask(conversation, "日本語 🗾 and \t tabs")

    question, answer = browser.messages(conversation)
    assert question == {
        "id": asked["user_message"],
        "parent": None,
        "role": "user",
        "text": "日本語 🗾 and \t tabs",
        "created_at": answer["created_at"],
        "status": "done",
        "citations": [],
        "attachments": [],
        "siblings": {"index": 0, "count": 1},
    }
    assert (answer["id"], answer["parent"]) == (asked["message"], asked["user_message"])
    assert (answer["role"], answer["text"], answer["status"]) == ("assistant", "", "running")
    assert browser.get(f"/api/conversations/{conversation}")["active_leaf"] == asked["message"]


def test_an_ended_turn_leaves_its_answer_and_a_receipt(browser: Browser) -> None:
    conversation = browser.conversation()
    asked = browser.exchange(conversation, reply="Kyoto.")

    [_, answer] = browser.messages(conversation)
    receipt = browser.get(f"/api/messages/{asked['message']}/receipt")

    assert (answer["text"], answer["status"]) == ("Kyoto.", "done")
    assert receipt["engine"] == "engine-1"
    assert receipt["tokens"] == {"prompt": 11, "completion": 7, "cached": 3}
    assert receipt["times"]["ended_at"] == "2026-11-25T09:30:00Z"


def test_there_is_no_receipt_for_a_question_or_before_the_end(browser: Browser) -> None:
    asked = browser.ask(browser.conversation())

    for message in (asked["message"], asked["user_message"]):
        assert browser.call("get", f"/api/messages/{message}/receipt").status_code == 404


def test_a_turn_tells_how_far_it_is(browser: Browser) -> None:
    asked = browser.ask(browser.conversation())
    queued = browser.get(f"/api/turns/{asked['turn']}")
    end(browser.person, asked["turn"], Ending("Half an", State.FAILED))

    failed = browser.get(f"/api/turns/{asked['turn']}")

    assert queued == {
        "id": asked["turn"],
        "status": "queued",
        "message": asked["message"],
        "error": None,
        "queue_position": 1,
    }
    assert (failed["status"], failed["error"]["code"], failed["error"]["retryable"]) == (
        "failed",
        "engine_failed",
        True,
    )


def test_a_second_question_on_a_running_answer_is_refused(browser: Browser) -> None:
    conversation = browser.conversation()
    asked = browser.ask(conversation)

    for body in ({"text": "Again?"}, {"text": "Again?", "parent": asked["message"]}):
        refused = browser.call("post", f"/api/conversations/{conversation}/turns", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "turn_running")
    again = browser.call("post", f"/api/messages/{asked['message']}/regenerate")
    assert (again.status_code, again.json()["code"]) == (409, "turn_running")


def test_an_earlier_parent_begins_a_branch_and_null_a_new_beginning(browser: Browser) -> None:
    conversation = browser.conversation()
    first = browser.exchange(conversation, "one", "uno")
    browser.exchange(conversation, "two", "due")

    browser.exchange(conversation, "two, again", "due, ancora", parent=first["message"])
    assert browser.texts(conversation) == ["one", "uno", "two, again", "due, ancora"]
    assert browser.messages(conversation)[2]["siblings"] == {"index": 1, "count": 2}

    browser.exchange(conversation, "three", "tre", parent=None)
    assert browser.texts(conversation) == ["three", "tre"]
    assert [message["text"] for message in browser.messages(conversation, "?all=true")] == [
        *("one", "uno", "two", "due", "two, again", "due, ancora", "three", "tre")
    ]


def test_regenerating_puts_another_answer_beside_the_first(browser: Browser) -> None:
    conversation = browser.conversation()
    first = browser.exchange(conversation, "one", "uno")

    again = browser.call("post", f"/api/messages/{first['message']}/regenerate")
    end(browser.person, again.json()["turn"], Ending("ein"))

    assert again.status_code == 202
    assert set(again.json()) == {"turn", "message"}
    assert browser.texts(conversation) == ["one", "ein"]
    assert browser.messages(conversation)[1]["siblings"] == {"index": 1, "count": 2}


def test_switching_shows_the_other_branch_down_to_its_newest_leaf(browser: Browser) -> None:
    conversation = browser.conversation()
    first = browser.exchange(conversation, "one", "uno")
    second = browser.exchange(conversation, "two", "due")
    browser.exchange(conversation, "other", "altro", parent=None)

    changed = browser.call("patch", f"/api/conversations/{conversation}", {"active_leaf": first["user_message"]})

    assert changed.json()["active_leaf"] == second["message"]
    assert browser.texts(conversation) == ["one", "uno", "two", "due"]


def test_stopping_and_continuing_go_on_with_the_same_message(browser: Browser) -> None:
    conversation = browser.conversation()
    asked = browser.ask(conversation)

    stopped = browser.call("post", f"/api/turns/{asked['turn']}/stop")
    end(browser.person, asked["turn"], Ending("Half an", State.STOPPED))
    following = browser.call("post", f"/api/turns/{asked['turn']}/continue")

    assert (stopped.status_code, stopped.json()["status"]) == (202, "stopping")
    assert following.status_code == 202
    assert set(following.json()) == {"turn"}
    turn = following.json()["turn"]
    assert browser.get(f"/api/turns/{turn}")["message"] == asked["message"]
    assert browser.messages(conversation)[1]["text"] == "Half an"
    end(browser.person, turn, Ending("Half an answer."))
    assert browser.texts(conversation)[1] == "Half an answer."


@pytest.mark.parametrize("ending", [Ending(), Ending("cut", State.DONE, "length")])
def test_only_an_answer_that_did_not_end_is_continued(browser: Browser, ending: Ending) -> None:
    asked = browser.ask(browser.conversation())
    end(browser.person, asked["turn"], ending)

    answer = browser.call("post", f"/api/turns/{asked['turn']}/continue")

    assert answer.status_code == (202 if ending.finish == "length" else 409)


def test_an_answer_is_not_continued_twice_or_behind_a_later_question(browser: Browser) -> None:
    conversation = browser.conversation()
    asked = browser.ask(conversation)
    address = f"/api/turns/{asked['turn']}/continue"
    assert browser.call("post", address).json()["code"] == "turn_running"
    end(browser.person, asked["turn"], Ending("Half", State.STOPPED))
    turn = browser.call("post", address).json()["turn"]
    assert browser.call("post", address).json()["code"] == "turn_running"
    end(browser.person, turn, Ending("Half", State.STOPPED))

    assert browser.call("post", address).json()["code"] == "not_continuable"
    browser.ask(conversation, "Never mind.")
    assert browser.call("post", f"/api/turns/{turn}/continue").json()["code"] == "not_continuable"


def test_a_deleted_conversation_is_gone_at_once_and_its_turn_is_stopped(browser: Browser) -> None:
    from workspace.common.work import unit
    from workspace.runs.queries import status_of

    conversation = browser.conversation()
    asked = browser.ask(conversation)

    assert browser.call("delete", f"/api/conversations/{conversation}").status_code == 204

    with unit(browser.person.workspace, browser.person.user.id):
        assert status_of(uuid.UUID(asked["turn"])).state is State.STOPPING
    assert browser.get("/api/conversations")["items"] == []
    for path in (f"conversations/{conversation}", f"turns/{asked['turn']}", f"messages/{asked['message']}/receipt"):
        assert browser.call("get", f"/api/{path}").status_code == 404


def test_a_change_of_several_things_leaves_the_rest(browser: Browser) -> None:
    conversation = browser.conversation(title="Before")

    changed = browser.call("patch", f"/api/conversations/{conversation}", {"title": "After", "pinned": True})
    kept = browser.call("patch", f"/api/conversations/{conversation}", {"archived": True})

    assert changed.status_code == kept.status_code == 200
    assert [kept.json()[name] for name in ("title", "pinned", "archived")] == ["After", True, True]


def test_a_temporary_conversation_is_in_no_list_and_reached_by_its_id(browser: Browser) -> None:
    made = browser.call("post", "/api/conversations", {"temporary": True}).json()

    assert made["temporary"]
    assert made["expires_at"] > made["created_at"]
    assert browser.get("/api/conversations")["items"] == []
    assert browser.get(f"/api/conversations/{made['id']}") == made


def test_the_first_words_stand_as_the_title_until_somebody_gives_one(browser: Browser) -> None:
    conversation, named = browser.conversation(), browser.conversation(title="Mine")

    browser.exchange(conversation, "Where could  twenty\npeople meet?")
    browser.exchange(conversation, "And how many rooms?")
    browser.exchange(named, "Where could twenty people meet?")

    assert browser.get(f"/api/conversations/{conversation}")["title"] == "Where could twenty people meet?"
    assert browser.get(f"/api/conversations/{named}")["title"] == "Mine"


def test_the_same_key_and_body_make_one_turn(browser: Browser) -> None:
    conversation = browser.conversation()
    address = f"/api/conversations/{conversation}/turns"

    answers = [browser.call("post", address, {"text": "Once?"}, **{"Idempotency-Key": "k"}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len(browser.messages(conversation)) == 2


def test_somebody_without_the_scope_may_not_chat(alice: Person) -> None:
    from workspace.accounts import tokens
    from workspace.common.work import unit

    with unit(alice.workspace, alice.user.id):
        token = tokens.create_token(alice.user.id, "audit", scopes=["read_audit"])

    answer = Browser(Person(alice.user, alice.workspace, token)).call("get", "/api/conversations")

    assert (answer.status_code, answer.json()["code"]) == (403, "capability_missing")
