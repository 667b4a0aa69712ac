"""Forms that begin, end or go on with an answer: with scripts, without them, sent twice, and refused."""

from typing import Any

import pytest

from tests.cast import Person
from tests.chat.talk import Browser, Ending, end
from tests.chat.views.visitor import Visitor, articles, said
from tests.web.pages import Parsed
from workspace.chat.contracts import LONGEST_TEXT
from workspace.chat.models import Conversation, Message
from workspace.chat.seeding import seed_messages
from workspace.common.work import unit
from workspace.runs.contracts import State

pytestmark = pytest.mark.django_db(transaction=True)


def parsed(answer: Any) -> Parsed:
    return Parsed(answer.content.decode())


def conversations(person: Person) -> int:
    with unit(person.workspace, person.user.id):
        return Conversation.objects.count()


def test_a_first_question_begins_a_chat_and_leads_there(visitor: Visitor) -> None:
    visitor.open("/")

    page = visitor.press("/chats/new", text="What is\r\nan atrium?")

    assert visitor.address.startswith("/chats/")
    assert said(page)[0] == "What is an atrium?"
    assert page.one("h1").text.startswith("What is")
    assert page.all("turn-stream")


def test_a_temporary_one_begins_in_the_temporary_room(visitor: Visitor, browser: Browser) -> None:
    visitor.open("/?temporary=1")

    page = visitor.press("/chats/new", text="Between us")

    assert "data-temporary" in page.one("main").attributes
    assert browser.get("/api/conversations")["items"] == []


def test_a_form_that_is_sent_twice_begins_one_chat(visitor: Visitor, alice: Person) -> None:
    visitor.open("/")
    first, second = (visitor.sent("/chats/new", text="Once") for _ in range(2))

    assert first["HX-Redirect"] == second["HX-Redirect"]
    assert conversations(alice) == 1


@pytest.mark.parametrize(("text", "status"), [("  \n ", 400), ("x" * (LONGEST_TEXT + 1), 413)])
def test_a_first_question_that_is_refused_leaves_nothing_behind(
    visitor: Visitor, alice: Person, text: str, status: int
) -> None:
    visitor.open("/")
    refused = visitor.sent("/chats/new", text=text)

    assert (refused.status_code, refused["HX-Retarget"]) == (status, "#problem")
    assert parsed(refused).one("div", role="alert").text
    assert conversations(alice) == 0


def test_a_question_and_its_answer_are_added_where_the_page_ends(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    last = browser.exchange(chat)["message"]
    visitor.open(f"/chats/{chat}")

    added = visitor.sent(f"/chats/{chat}/turns", text="And then?", last=last, since="0")

    assert "HX-Reswap" not in added
    assert said(parsed(added))[0] == "And then?"
    assert len(articles(parsed(added))) == 2


def test_a_page_that_missed_something_gets_it_with_its_answer(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    last = browser.exchange(chat, "One")["message"]
    visitor.open(f"/chats/{chat}")
    browser.exchange(chat, "Two, elsewhere")

    whole = visitor.sent(f"/chats/{chat}/turns", text="Three", last=last, since="0")

    assert whole["HX-Reswap"] == "innerMorph"
    assert said(parsed(whole))[::2] == ["One", "Two, elsewhere", "Three"]


def test_a_question_that_is_sent_twice_is_asked_once(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}")
    for _ in range(2):
        assert visitor.sent(f"/chats/{chat}/turns", text="Once", last="", since="0").status_code == 200

    assert len(articles(visitor.open(f"/chats/{chat}"))) == 2


def test_the_draft_is_gone_once_it_is_sent(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.client.post(f"/chats/{chat}/draft", {"text": "Half a"})
    assert visitor.open(f"/chats/{chat}").one("textarea", id="prompt").text == "Half a"

    page = visitor.press(f"/chats/{chat}/turns", text="Half a question")

    assert page.one("textarea", id="prompt").text == ""


def test_without_scripts_what_was_refused_stands_in_the_composer_still(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    browser.ask(chat, "The first")
    visitor.open(f"/chats/{chat}")

    page = visitor.press(f"/chats/{chat}/turns", 409, text="Too early\r\n& <more>")

    assert page.one("textarea", id="prompt").text == "Too early & <more>"
    assert "still being answered" in page.one("div", id="problem").text
    assert len(articles(page)) == 2


def test_what_was_written_for_one_workspace_goes_into_no_other(browser: Browser, visitor: Visitor) -> None:
    """The page names its workspace; somebody who was led into another since is told, and nothing is kept there."""
    visitor.open("/")
    hidden = visitor.hidden("/chats/new")
    other = {**hidden, "drawn_for": "00000000-0000-4000-8000-000000000000", "text": "For the other house alone"}

    assert hidden["drawn_for"] == str(browser.person.workspace)
    for path in ("/chats/new", "/draft"):
        refused = visitor.sent(path, **other)
        assert refused.status_code == 409
    assert browser.get("/api/conversations")["items"] == []
    assert "For the other house alone" not in visitor.open("/").one("textarea", id="prompt").text


def test_a_key_whose_question_was_refused_can_be_used_again(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}")
    key = visitor.hidden(f"/chats/{chat}/turns")["key"]

    visitor.press(f"/chats/{chat}/turns", 400, text=" ", key=key)
    visitor.press(f"/chats/{chat}/turns", text="And now in words", key=key)

    assert browser.texts(chat)[0] == "And now in words"


def test_too_long_a_question_is_refused_and_kept(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}")
    text = "x" * (LONGEST_TEXT + 1)

    page = visitor.press(f"/chats/{chat}/turns", 413, text=text)

    assert page.one("textarea", id="prompt").text == text
    assert page.one("textarea", id="prompt").attributes["data-longest"] == str(LONGEST_TEXT)
    assert "200,000 characters at most" in page.one("div", id="problem").text


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [("", 400, "Write something first."), ("x" * (LONGEST_TEXT + 1), 413, "Send it in parts.")],
)
def test_a_script_is_told_beside_the_composer_why_it_was_refused(
    browser: Browser, visitor: Visitor, text: str, status: int, words: str
) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}")

    refused = visitor.sent(f"/chats/{chat}/turns", text=text, last="", since="0")

    assert (refused.status_code, refused["HX-Retarget"], refused["HX-Reswap"]) == (status, "#problem", "innerHTML")
    assert words in parsed(refused).one("div", role="alert").text


def test_the_same_form_with_other_words_says_that_it_was_sent(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}")
    visitor.sent(f"/chats/{chat}/turns", text="Once", last="", since="0")

    other = visitor.sent(f"/chats/{chat}/turns", text="Twice", last="", since="0")

    assert other.status_code == 422
    assert "sent already" in parsed(other).one("div", role="alert").text


def test_a_question_is_edited_as_a_branch_of_its_own(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    first = browser.exchange(chat, "One way")
    browser.exchange(chat, "Further on")
    edit = f"/messages/{first['user_message']}/edit"
    form = visitor.open(edit)
    assert form.one("textarea", id=f"edit-{first['user_message']}").text == "One way"
    assert [link.attributes["href"] for link in form.all("a") if link.text == "Cancel"] == [
        f"/chats/{chat}#m-{first['user_message']}"
    ]

    page = visitor.press(edit, text="Another way")

    assert visitor.address == f"/chats/{chat}"
    assert said(page)[0] == "Another way"
    assert "2 / 2" in page.one("form", class_="branches").text
    assert len(articles(page)) == 2


def test_a_question_far_back_can_be_edited_without_scripts(alice: Person, visitor: Visitor) -> None:
    with unit(alice.workspace, alice.user.id):
        question = Message.objects.get(conversation=seed_messages(alice.user.id, 240), depth=10)

    page = visitor.open(f"/messages/{question.id}/edit")

    assert page.all("textarea", id=f"edit-{question.id}")
    assert len(articles(page)) == 12


def test_an_answer_cannot_be_edited(browser: Browser, visitor: Visitor) -> None:
    asked = browser.exchange(browser.conversation())

    assert visitor.client.get(f"/messages/{asked['message']}/edit").status_code == 400
    refused = visitor.client.post(f"/messages/{asked['message']}/edit", {"text": "x", "key": "k"})

    assert refused.status_code == 400


def test_an_answer_is_given_again_beside_the_first(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    asked = browser.exchange(chat)
    visitor.open(f"/chats/{chat}")

    page = visitor.press(f"/messages/{asked['message']}/regenerate")

    assert page.all("turn-stream")
    assert asked["message"] not in str([one.attributes["id"] for one in articles(page)])


def test_a_script_gets_the_thread_from_where_its_page_begins(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    exchanges = [browser.exchange(chat, f"Question {number}") for number in range(3)]
    visitor.open(f"/chats/{chat}")

    for since, shown in (("2", 4), ("0", 6), ("", 6), ("soon", 6), ("400", 6)):
        got = visitor.sent(f"/messages/{exchanges[-1]['message']}/branch", to="1", since=since)
        assert len(articles(parsed(got))) == shown


def test_an_answer_is_stopped_and_goes_on(browser: Browser, visitor: Visitor, alice: Person) -> None:
    chat = browser.conversation()
    asked = browser.ask(chat)
    visitor.open(f"/chats/{chat}")
    assert visitor.sent(f"/turns/{asked['turn']}/stop").status_code == 204
    visitor.press(f"/turns/{asked['turn']}/stop")
    end(alice, asked["turn"], Ending("Half", State.STOPPED))
    visitor.open(f"/chats/{chat}")

    page = visitor.press(f"/turns/{asked['turn']}/continue")

    assert visitor.address == f"/chats/{chat}"
    assert page.all("turn-stream")
    assert page.one("div", class_="prose").text == "Half"


def test_an_answer_that_others_followed_does_not_go_on(browser: Browser, visitor: Visitor, alice: Person) -> None:
    chat = browser.conversation()
    asked = browser.ask(chat)
    end(alice, asked["turn"], Ending("Half", State.STOPPED))
    visitor.open(f"/chats/{chat}")
    browser.exchange(chat)

    refused = visitor.sent(f"/turns/{asked['turn']}/continue")

    assert (refused.status_code, refused["HX-Retarget"]) == (409, "#problem")
    assert "the chat went on after it" in parsed(refused).one("div", role="alert").text
