"""The empty room and the list of chats, as a person without JavaScript meets them."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.cast import Person
from tests.chat.talk import Browser
from tests.web.conftest import at_browser
from tests.web.pages import Parsed
from workspace.chat.drafts import keep_draft
from workspace.common.work import unit
from workspace.web.starters import STARTERS


def page(client: Client, path: str) -> Parsed:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return Parsed(answer.content.decode())


def press(client: Client, shown: Parsed, action: str, **pressed: str) -> Any:
    """Sends the form of this address with its hidden fields, as its button does."""
    form = shown.one("form", action=action)
    at = shown.elements.index(form)
    hidden: dict[str, str] = {}
    for element in shown.elements[at + 1 :]:
        if element.tag == "form":
            break
        if element.attributes.get("type") == "hidden":
            hidden[element.attributes["name"]] = element.attributes["value"]
    return client.post(action, {**hidden, **pressed}, follow=True)


def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back() -> None:
    for path in ("/", "/chats?archived=1", "/sidebar", "/palette"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/sign-in?next={quote(path, safe='/')}")


def test_a_part_that_is_asked_for_after_signing_out_leads_the_whole_page_to_sign_in() -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/chats"}

    answer = Client().get("/sidebar", headers=asked)

    assert answer.headers["HX-Redirect"] == "/sign-in?next=/chats&ended=1"


def test_the_empty_room_greets_and_has_a_composer(browser: Client) -> None:
    shown = page(browser, "/")

    assert "Alice" in shown.one("h1").text or "alice" in shown.one("h1").text
    field = shown.one("textarea", name="text")
    assert (field.text, field.attributes["data-draft-url"]) == ("", "/draft")
    assert shown.one("form", class_="composer").attributes["action"] == "/chats/new"


def test_in_japanese_it_greets_by_the_surname(browser: Client) -> None:
    browser.cookies["atrium_language"] = "ja"
    shown = page(browser, "/")

    assert shown.one("html").attributes["lang"] == "ja"
    assert "さん" in shown.one("h1").text


def test_the_draft_is_there_on_every_device(browser: Client, alice: Person) -> None:
    browser.post("/draft", {"text": "not sent\n  yet 🗾"})

    for client in (browser, at_browser(alice)):
        assert "not sent\n  yet 🗾" in "".join(page(client, "/").one("textarea", name="text").words)


def test_what_was_sent_is_no_draft_any_more(browser: Client) -> None:
    browser.post("/draft", {"text": "a question"})

    begun = press(browser, page(browser, "/"), "/chats/new", text="a question")
    address = begun.redirect_chain[-1][0]

    assert page(browser, "/").one("textarea", id="prompt").text == ""
    browser.post(f"{address}/draft", {"text": "one more"})
    assert page(browser, address).one("textarea", id="prompt").text == "one more"


def test_a_way_to_begin_fills_the_composer_and_keeps_the_draft(browser: Client, alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        keep_draft(alice.actor, None, "my own words")
    starter = STARTERS[1]

    links = page(browser, "/").all("a", href=f"/?start={starter.name}")
    filled = page(browser, f"/?start={starter.name}").one("textarea", name="text").text

    assert len(links) == 1
    assert filled == f"{starter.text} my own words"


def test_the_temporary_room_keeps_no_draft_and_says_what_it_is(browser: Client) -> None:
    browser.post("/draft", {"text": "a draft of the other room"})

    shown = page(browser, "/?temporary=1")

    field = shown.one("textarea", name="text")
    assert (field.text, "data-draft-url" in field.attributes) == ("", False)
    assert shown.one("input", name="temporary").attributes["value"] == "1"
    assert "data-temporary" in shown.one("main").attributes
    assert "Your compliance team could see it" in shown.one("main").text


def test_the_list_has_pages_that_neither_skip_nor_repeat(browser: Client, alice: Person) -> None:
    program = Browser(alice)
    made = [program.conversation(title=f"chat {number}") for number in range(35)]

    first = page(browser, "/chats")
    older = first.one("a", rel="next").attributes["href"]
    second = page(browser, older)

    rows = [row.attributes["id"] for shown in (first, second) for row in shown.all("li", class_="list-item")]
    assert rows == [f"chat-{identity}" for identity in reversed(made)]
    assert not second.all("a", rel="next")
    assert "To the newest" in second.one("main").text


def test_an_open_list_asks_for_its_rows_alone_and_takes_no_message_away(browser: Client, alice: Person) -> None:
    made = Browser(alice).conversation(title="Mine")
    browser.post(f"/chats/{made}/archive", {"archived": "1"})

    part = browser.get("/chats?archived=1", headers={"HX-Request": "true"}).content.decode()

    assert Parsed(part).elements[0].attributes["id"] == "chat-list"
    assert "Mine" in part
    assert "The chat is archived." in page(browser, "/chats").one("main").text


def test_a_chat_is_pinned_archived_and_put_back_from_the_list(browser: Client, alice: Person) -> None:
    made = Browser(alice).conversation(title="Mine")

    shown = Parsed(press(browser, page(browser, "/chats"), f"/chats/{made}/pin", pinned="1").content.decode())
    assert shown.one("button", name="pinned").attributes["aria-pressed"] == "true"
    shown = Parsed(press(browser, shown, f"/chats/{made}/archive", archived="1").content.decode())
    assert "The chat is archived." in shown.one("main").text
    assert not shown.all("li", class_="list-item")
    answer = press(browser, page(browser, "/chats?archived=1"), f"/chats/{made}/archive", archived="0")
    assert answer.redirect_chain[-1][0] == "/chats?archived=1"
    assert page(browser, "/chats").all("li", class_="list-item")


def test_a_deletion_from_the_list_can_be_taken_back_there(browser: Client, alice: Person) -> None:
    made = Browser(alice).conversation(title="Mine")

    gone = Parsed(press(browser, page(browser, "/chats"), f"/chats/{made}/delete").content.decode())
    assert not gone.all("li", class_="list-item")
    assert "The chat is deleted." in gone.one("main").text
    browser.defaults["HTTP_REFERER"] = "http://testserver/chats"
    back = press(browser, gone, f"/chats/{made}/restore")

    assert back.redirect_chain[-1][0] == "/chats"
    assert Parsed(back.content.decode()).all("li", class_="list-item")


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_a_form_leads_to_no_other_site(browser: Client, alice: Person, next_page: str) -> None:
    made = Browser(alice).conversation()

    for verb in ("pin", "archive", "delete"):
        answer = browser.post(f"/chats/{made}/{verb}", {"next": next_page})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_form_without_its_token_changes_nothing(alice: Person) -> None:
    made = Browser(alice).conversation(title="Mine")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    for path in (f"/chats/{made}/delete", f"/chats/{made}/draft", "/draft"):
        assert strict.post(path, {"text": "x"}).status_code == 403
    assert Browser(alice).get(f"/api/conversations/{made}")["title"] == "Mine"


def test_empty_lists_say_what_comes_there(browser: Client) -> None:
    assert "No chats yet" in page(browser, "/chats").one("main").text
    assert "Nothing is archived" in page(browser, "/chats?archived=1").one("main").text


def test_the_palette_has_the_newest_chats_and_is_asked_no_words(browser: Client, alice: Person) -> None:
    made = [Browser(alice).conversation(title=title) for title in ("first", "second")]

    options = page(browser, "/palette").all("div", role="option")

    assert [option.attributes["data-href"] for option in options] == [f"/chats/{made[1]}", f"/chats/{made[0]}"]
    assert "second" in options[0].text


def test_an_address_that_was_made_up_is_told(browser: Client) -> None:
    for path in ("/?temporary=perhaps", "/chats?cursor=x", "/chats?limit=1000", "/chats?archived=2"):
        assert browser.get(path).status_code == 400
