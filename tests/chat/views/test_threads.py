"""A chat as a page: its history without scripts, its title, its versions, and the parts that an open page asks for."""

import pytest

from tests.cast import Person
from tests.chat.talk import Browser, Ending, end
from tests.chat.views.visitor import Visitor, articles, assert_one_of_each_id, said
from workspace.accounts.models import User
from workspace.chat.models import Conversation, Message
from workspace.chat.seeding import seed_messages
from workspace.common.work import unit
from workspace.runs.contracts import State

pytestmark = pytest.mark.django_db(transaction=True)


def thread(chat: str, **query: object) -> str:
    return f"/chats/{chat}/thread?" + "&".join(f"{name}={value}" for name, value in query.items())


def test_questions_and_answers_stand_in_order_with_who_and_when(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    browser.exchange(chat, "  def f():\n    return <1>", "It is **bold**.")

    page = visitor.open(f"/chats/{chat}")

    question, answer = articles(page)
    assert (question.attributes["aria-label"], answer.attributes["aria-label"]) == ("Question", "Answer")
    assert said(page) == ["def f(): return <1>", "It is bold ."]
    assert ["  def f():\n    return <1>"] in [element.words for element in page.all("p")]
    assert question.text.startswith("You ")
    assert answer.text.startswith("Atrium ")


def test_times_are_those_of_the_person(browser: Browser, visitor: Visitor, alice: Person) -> None:
    chat = browser.conversation()
    asked = browser.exchange(chat)
    User.objects.filter(id=alice.user.id).update(time_zone="Asia/Tokyo")
    with unit(alice.workspace, alice.user.id):
        Message.objects.filter(id=asked["message"]).update(created_at="2026-01-31T20:05:00Z")

    time = visitor.open(f"/chats/{chat}").all("time")[-1]

    assert (time.text, time.attributes["datetime"]) == ("1 February 2026 05:05", "2026-01-31T20:05:00Z")


def test_the_title_stands_above_and_in_the_tab(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    assert visitor.open(f"/chats/{chat}").one("h1").text == "New chat"
    browser.call("patch", f"/api/conversations/{chat}", {"title": "Costs & <terms>"})

    page = visitor.open(f"/chats/{chat}")

    assert page.one("h1").text == "Costs & <terms>"
    assert page.one("title").text == "Costs & <terms> · Atrium"


def test_the_parts_of_a_finished_answer(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    asked = browser.exchange(chat)

    page = visitor.open(f"/chats/{chat}")

    receipt = page.one("div", id=f"receipt-{asked['message']}")
    for fact in ("engine-1", "the only engine", "11 read, 7 written", "This answer stayed in house"):
        assert fact in receipt.text
    assert page.one("button", popovertarget=receipt.attributes["id"]).text == "Stayed in house"
    assert page.all("form", action=f"/messages/{asked['message']}/regenerate")
    assert not page.all("form", action=f"/messages/{asked['message']}/branch")
    assert not page.all("div", class_="ending")
    assert not page.all("turn-stream")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending("Half", State.STOPPED), "Stopped. What was written until then is kept."),
        (Ending("Half", State.FAILED), "The model engine failed in mid-answer."),
        (Ending("Half", finish="length"), "The answer is as long as one answer can be."),
    ],
)
def test_an_answer_without_its_end_says_so_and_how_to_go_on(
    browser: Browser, visitor: Visitor, alice: Person, ending: Ending, words: str
) -> None:
    chat = browser.conversation()
    asked = browser.ask(chat)
    end(alice, asked["turn"], ending)

    page = visitor.open(f"/chats/{chat}")

    told = page.one("div", class_="ending")
    assert words in told.text
    assert (told.attributes.get("role") == "alert") == (ending.state is State.FAILED)
    assert page.all("form", action=f"/turns/{asked['turn']}/continue")
    assert "Half" in said(page)[1]


def test_an_answer_that_is_being_written_can_be_followed_stopped_and_read_without_scripts(
    browser: Browser, visitor: Visitor
) -> None:
    chat = browser.conversation()
    asked = browser.ask(chat)

    page = visitor.open(f"/chats/{chat}")

    stream = page.one("turn-stream")
    assert stream.attributes["src"] == f"/api/turns/{asked['turn']}/events?as=html"
    assert stream.attributes["data-message"] == f"/messages/{asked['message']}"
    assert page.one("div", class_="prose").attributes["aria-busy"] == "true"
    assert page.all("form", action=f"/turns/{asked['turn']}/stop")
    assert "Load the page again" in page.one("noscript").text


def test_a_temporary_chat_says_what_it_is_and_when_it_goes(browser: Browser, visitor: Visitor, alice: Person) -> None:
    chat = browser.conversation(temporary=True)
    browser.exchange(chat)
    with unit(alice.workspace, alice.user.id):
        Conversation.objects.filter(id=chat).update(expires_at="2126-12-23T09:40:00Z")

    page = visitor.open(f"/chats/{chat}")

    assert "data-temporary" in page.one("main").attributes
    assert "gone by 23 December, 09:40" in page.one("h1").text
    assert "it is not in your list" in page.one("div", class_="note").text
    assert "Temporary · gone in 30 days at most" in page.one("div", class_="policy-line").text
    assert "It is erased with this chat." in page.all("div", class_="receipt")[0].text
    assert not page.all("form", action=f"/chats/{chat}/pin")
    assert "data-draft-url" not in page.one("textarea", id="prompt").attributes


def test_the_composer_says_under_which_policy_it_is_written(browser: Browser, visitor: Visitor) -> None:
    page = visitor.open(f"/chats/{browser.conversation()}")

    assert "never used for training · stays in house" in page.one("div", class_="policy-line").text
    facts = page.one("div", id="policy-facts").text
    assert "on your organisation’s own engines only" in facts
    assert "until you delete it" in facts


def test_a_long_chat_shows_its_end_and_leads_back_and_forth(alice: Person, visitor: Visitor) -> None:
    with unit(alice.workspace, alice.user.id):
        chat = seed_messages(alice.user.id, 110)
    newest = visitor.open(f"/chats/{chat}")
    assert len(articles(newest)) == 100
    [back] = [link for link in newest.all("a") if link.text == "Earlier messages"]

    older = visitor.open(back.attributes["href"])

    assert len(articles(older)) == 10
    [forth] = [link for link in older.all("a") if link.text == "Newer messages"]
    assert forth.attributes["href"] == f"/chats/{chat}"
    prepended = visitor.part(back.attributes["hx-get"])
    assert [one.attributes["id"] for one in articles(prepended)] == [one.attributes["id"] for one in articles(older)]
    assert prepended.one("input", name="since").attributes["value"] == "0"
    assert not prepended.all("h1")


def test_an_open_page_gets_what_is_new_and_only_the_title_where_nothing_is(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    browser.exchange(chat)
    before = articles(visitor.open(f"/chats/{chat}"))[-1].attributes["data-version"]
    browser.call("patch", f"/api/conversations/{chat}", {"title": "By hand"})

    same = visitor.part(thread(chat, since=0, version=before))
    assert not articles(same)
    assert (same.one("h1").text, same.one("title").text) == ("By hand", "By hand · Atrium")
    assert same.one("h1").attributes["hx-swap-oob"] == "true"

    browser.exchange(chat)
    assert len(articles(visitor.part(thread(chat, since=0, version=before)))) == 4
    assert len(articles(visitor.part(thread(chat, since=2, version=before)))) == 2


def test_one_message_comes_alone_as_it_stands(browser: Browser, visitor: Visitor) -> None:
    asked = browser.exchange(browser.conversation(), "Why?", "Because `x < 1`.")

    for identity, words in ((asked["user_message"], "Why?"), (asked["message"], "Because x < 1 .")):
        part = visitor.part(f"/messages/{identity}")
        [article] = articles(part)
        assert article.attributes["id"] == f"m-{identity}"
        assert said(part) == [words]
        assert_one_of_each_id(part)


def test_what_is_copied_is_the_text_as_it_was_written(browser: Browser, visitor: Visitor) -> None:
    asked = browser.exchange(browser.conversation(), "Why?\n  <b>", "# Head\n\n*because* `x < 1`")

    for identity, text in ((asked["user_message"], "Why?\n  <b>"), (asked["message"], "# Head\n\n*because* `x < 1`")):
        answer = visitor.client.get(f"/messages/{identity}/text")
        assert (answer.content.decode(), answer["Content-Type"]) == (text, "text/plain; charset=utf-8")


def test_versions_are_stepped_through_by_their_arrows(browser: Browser, visitor: Visitor, alice: Person) -> None:
    chat = browser.conversation()
    asked = browser.exchange(chat, reply="The first.")
    again = browser.call("post", f"/api/messages/{asked['message']}/regenerate").json()
    end(alice, again["turn"], Ending("The second."))
    page = visitor.open(f"/chats/{chat}")
    assert "2 / 2" in page.one("form", class_="branches").text

    page = visitor.press(f"/messages/{again['message']}/branch", to="1")

    assert said(page)[1] == "The first."
    assert "1 / 2" in page.one("form", class_="branches").text
    assert "disabled" in page.one("button", value="0").attributes
    assert "disabled" not in page.one("button", value="2").attributes


@pytest.mark.parametrize("to", ["0", "3", "-1", "x", "", "9" * 30])
def test_a_version_that_is_not_there_is_not_found(browser: Browser, visitor: Visitor, to: str) -> None:
    asked = browser.exchange(browser.conversation())

    assert visitor.client.post(f"/messages/{asked['message']}/branch", {"to": to}).status_code == 404


def test_a_chat_is_renamed_on_its_page(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    visitor.open(f"/chats/{chat}/rename")

    page = visitor.press(f"/chats/{chat}/rename", title="Spindles")

    assert (visitor.address, page.one("h1").text) == (f"/chats/{chat}", "Spindles")
    assert visitor.part(f"/chats/{chat}/rename?part=1").one("input", name="title").attributes["value"] == "Spindles"
    assert visitor.part(f"/chats/{chat}/title").one("h1").text == "Spindles"


def test_a_chat_that_is_gone_is_not_found(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    browser.call("delete", f"/api/conversations/{chat}")

    visitor.open(f"/chats/{chat}", 404)
    assert visitor.client.get(thread(chat), headers={"HX-Request": "true"}).status_code == 404


def test_a_query_string_that_is_none_of_the_page_is_refused(browser: Browser, visitor: Visitor) -> None:
    visitor.open(f"/chats/{browser.conversation()}?before=soon", 400)


def test_the_page_is_japanese_for_whoever_reads_it(browser: Browser, visitor: Visitor) -> None:
    chat = browser.conversation()
    browser.exchange(chat)
    visitor.client.cookies["atrium_language"] = "ja"

    page = visitor.open(f"/chats/{chat}")

    assert [one.attributes["aria-label"] for one in articles(page)] == ["質問", "回答"]
    assert "社内で完結" in articles(page)[1].text
    assert "学習には使いません・社外に出ません" in page.one("div", class_="policy-line").text.replace(" · ", "・")
