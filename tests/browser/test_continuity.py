"""Two devices of one person stay together, and neither disturbs who reads or writes at the other."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import talk
from tests.browser.court import Court, Person, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def mei(court: Court) -> Person:
    return court.people["en"]


@contextmanager
def two(court: Court, person: Person, path: str) -> Iterator[tuple[Page, Page]]:
    """Two browsers of theirs that show this page."""
    with court.inside(person) as one, court.inside(person) as other:
        for visit in (one, other):
            with visit.page.expect_request(lambda request: request.url.endswith("/notices")):
                visit.page.goto(path)
        yield one.page, other.page


def test_a_question_asked_elsewhere_comes_with_its_answer_and_leaves_the_composer_alone(
    court: Court, mei: Person
) -> None:
    chat = court.api(mei).conversation(title="Deliveries")
    with two(court, mei, f"/chats/{chat}") as (one, other):
        other.locator("#prompt").fill("my own half sentence")

        one.locator("#prompt").fill("Which deliveries were late?")
        one.keyboard.press("Enter")

        for page in (one, other):
            expect(page.locator("article.question")).to_contain_text("Which deliveries were late?")
            expect(page.locator("article.answer:not([data-running])")).to_have_count(1, timeout=20_000)
        assert one.locator("article.answer .prose").inner_text() == other.locator("article.answer .prose").inner_text()
        expect(other.locator("#prompt")).to_have_value("my own half sentence")
        expect(other.locator("#prompt")).to_be_focused()


def test_who_reads_further_up_stays_there(court: Court, mei: Person) -> None:
    api = court.api(mei)
    chat = api.conversation(title="A long talk")
    for number in range(3):
        api.told(chat, f"Question {number}")
    with two(court, mei, f"/chats/{chat}") as (_, reader):
        room = reader.locator(".room-scroll")
        room.hover()
        reader.mouse.wheel(0, -5000)
        expect(reader.locator("[data-to-latest]")).to_be_visible()
        before = room.evaluate("room => room.scrollTop")

        api.told(chat, "One more, from a program")

        expect(reader.locator("article.question")).to_have_count(4)
        expect(reader.locator("article.answer:not([data-running])")).to_have_count(4, timeout=20_000)
        assert room.evaluate("room => room.scrollTop") == before


def test_sending_waits_for_a_draft_that_is_on_its_way(court: Court, mei: Person) -> None:
    held: list[Route] = []
    sent: list[str] = []
    with court.inside(mei) as visit:
        page = visit.page
        page.goto("/")
        page.route("**/draft", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
        page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/chats/new") else None)
        with page.expect_request("**/draft"):
            page.locator("#prompt").fill("What came of it?")
        page.keyboard.press("Enter")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        assert sent == []

        held[0].continue_()
        page.wait_for_url(re.compile(r"/chats/[0-9a-f-]{36}$"))
        page.unroute_all()

        page.goto("/")
        expect(page.locator("#prompt")).to_have_value("")


def test_a_hidden_tab_listens_no_more_and_knows_all_when_it_is_seen_again(court: Court, mei: Person) -> None:
    with court.inside(mei) as visit:
        page = visit.page
        with page.expect_response("**/notices"):
            page.goto("/chats")
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/notices")):
            hide(page, is_hidden=True)
        court.api(mei).conversation(title="Made while nobody looked")

        with page.expect_request("**/notices"):
            hide(page, is_hidden=False)

        expect(page.locator("#sidebar-chats").get_by_role("link", name="Made while nobody looked")).to_be_visible()


def test_a_hidden_tab_closes_the_stream_of_an_answer_and_goes_on_behind_what_it_drew(court: Court, mei: Person) -> None:
    with court.inside(mei) as visit:
        page = visit.page
        with page.expect_request("**/events*") as streaming:
            talk.begin(page, "What is said while nobody looks?")
        streamed = streaming.value
        talk.in_the_middle(page)
        with page.expect_event("requestfailed", lambda request: request == streamed):
            hide(page, is_hidden=True)

        with page.expect_request("**/events*") as following:
            hide(page, is_hidden=False)

        assert re.search(r"[?&]after=[1-9]", following.value.url)
        talk.ended(page)


def hide(page: Page, *, is_hidden: bool) -> None:
    """What a page is told when another tab comes in front of it."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def test_a_folded_sidebar_stays_folded_and_takes_no_focus_away(court: Court, mei: Person) -> None:
    with court.inside(mei) as visit:
        page: Page = visit.page
        page.goto("/")
        page.locator("#prompt").click()
        page.keyboard.press("Control+b")
        expect(page.locator("#sidebar")).to_be_hidden()
        expect(page.locator("#prompt")).to_be_focused()

        page.goto("/chats")
        expect(page.locator("#sidebar")).to_be_hidden()
        page.get_by_role("button", name="Open the menu").click()
        expect(page.locator("#sidebar")).to_be_visible()


def test_undo_goes_by_itself_but_not_from_under_the_hand(court: Court, mei: Person) -> None:
    court.api(mei).conversation(title="Short notice")
    with court.inside(mei) as visit:
        page = started_clock(visit)
        page.goto("/chats")
        page.get_by_role("button", name="Delete “Short notice”").click()
        undo = page.get_by_role("button", name="Undo")
        undo.focus()
        page.clock.fast_forward(31_000)
        expect(undo).to_be_visible()

        page.locator("main h1").click()
        page.clock.fast_forward(2_000)
        expect(undo).to_have_count(0)


def started_clock(visit: Visit) -> Page:
    visit.page.clock.install()
    return visit.page
