"""The sidebar: a person's chats in their order, on every page, at the cost of three queries."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import Person
from tests.chat.talk import Browser
from tests.web.conftest import at_browser
from tests.web.pages import Parsed
from workspace.chat.models import Conversation
from workspace.chat.queries import own_conversations
from workspace.chat.seeding import seed_conversations
from workspace.common.work import unit
from workspace.web import queries
from workspace.web.sidebar import chats, initials, signs


def titled(person: Person, *titles: str, **columns: object) -> list[str]:
    """Chats of these titles, the last one the newest; and what is to be set of them."""
    program = Browser(person)
    made = [program.conversation(title=title) for title in titles]
    if columns:
        with unit(person.workspace, person.user.id):
            Conversation.objects.filter(id__in=made).update(**columns)
    return made


def groups(browser: Client, path: str = "/") -> list[list[str]]:
    """Each group of the sidebar: its title and its chats."""
    page = Parsed(browser.get(path).content.decode())
    found: list[list[str]] = []
    for element in page.elements:
        if element.tag == "h2" and element.attributes.get("id", "").startswith("chats-"):
            found.append([element.text])
        if (
            element.tag == "a"
            and "chat-link" in element.attributes.get("class", "")
            and "more-chats" not in str(element)
        ):
            found[-1].append(element.text)
    return found


def test_chats_stand_in_groups_newest_first_and_pinned_ones_above(browser: Client, alice: Person) -> None:
    titled(alice, "old", updated_at=Now() - timedelta(days=1))
    titled(alice, "first", "second")
    titled(alice, "pinned", is_pinned=True, updated_at=Now() - timedelta(days=900))

    assert groups(browser) == [["Pinned", "pinned"], ["Today", "second", "first"], ["Yesterday", "old"]]


def test_what_is_archived_deleted_temporary_or_somebody_elses_is_not_there(
    browser: Client, alice: Person, bob: Person
) -> None:
    titled(alice, "archived", is_archived=True, is_pinned=True)
    titled(alice, "deleted", deleted_at=Now())
    titled(bob, "bob's")
    Browser(alice).conversation(title="temporary", temporary=True)
    titled(alice, "mine")

    assert groups(browser) == [["Today", "mine"]]


def test_the_chat_that_is_shown_is_marked_and_no_other(browser: Client, alice: Person) -> None:
    [_, shown] = titled(alice, "other", "shown")

    part = browser.get("/sidebar", headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/chats/{shown}"})

    marked = Parsed(part.content.decode()).all("a", aria_current="page")
    assert [link.attributes["href"] for link in marked] == [f"/chats/{shown}"]
    assert Parsed(browser.get("/chats").content.decode()).all("a", class_="more-chats", aria_current="page")


def test_a_title_is_words_and_never_markup(browser: Client, alice: Person) -> None:
    titled(alice, "<img src=x onerror=alert(1)>")

    page = browser.get("/").content.decode()

    assert "<img" not in page
    assert groups(browser) == [["Today", "<img src=x onerror=alert(1)>"]]


def test_a_chat_without_a_title_can_still_be_opened(browser: Client, alice: Person) -> None:
    titled(alice, "")

    assert groups(browser) == [["Today", "New chat"]]


def test_without_chats_it_says_what_will_stand_there(browser: Client) -> None:
    assert "Your chats will be listed here." in browser.get("/").content.decode()


@pytest.mark.parametrize("count", [3, 300])
def test_it_asks_two_queries_however_many_chats_there_are(
    alice: Person, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    with unit(alice.workspace, alice.user.id):
        seed_conversations(alice.user.id, count)
    actor = alice.actor

    with unit(actor.workspace, actor.user):
        own_conversations(actor)  # the role, which every page has asked for
        with django_assert_num_queries(2):
            shown = chats(actor)

    assert sum(len(group.chats) for group in shown["groups"]) == min(count, queries.RECENT)


def test_members_stand_in_the_menu_of_whoever_may_manage_them(browser: Client, bob: Person) -> None:
    def links(client: Client) -> set[str]:
        return {link.attributes["href"] for link in Parsed(client.get("/").content.decode()).all("a", role="menuitem")}

    assert links(browser) - links(at_browser(bob)) == {"/members"}


def test_signing_out_is_a_form(browser: Client) -> None:
    page = Parsed(browser.get("/").content.decode())

    assert page.one("form", action="/sign-out").attributes["method"] == "post"
    assert browser.post("/sign-out").status_code == 302
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_it_stays_folded_on_the_next_page(browser: Client) -> None:
    assert "data-folded" not in Parsed(browser.get("/").content.decode()).one("header", id="sidebar").attributes
    browser.cookies["atrium_sidebar"] = "folded"

    assert "data-folded" in Parsed(browser.get("/").content.decode()).one("header", id="sidebar").attributes


@pytest.mark.parametrize(
    "name, letters",
    [
        ("Mei Tanaka", "MT"),
        ("mei", "M"),
        ("田中 芽衣", "田芽"),
        ("Ana María de la Cruz", "AC"),
        ("mei.tanaka@example.org", "MT"),
        ("@", ""),
        ("", ""),
    ],
)
def test_two_letters_stand_for_a_person(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    "agent, command",
    [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X)", "⌘"),
        ("Mozilla/5.0 (iPad; CPU OS 18)", "⌘"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Ctrl"),
        ("", "Ctrl"),
    ],
)
def test_keys_are_called_as_the_machine_calls_them(agent: str, command: str) -> None:
    assert signs(agent).command == command
