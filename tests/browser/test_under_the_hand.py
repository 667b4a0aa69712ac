"""What happens elsewhere while somebody writes is neither lost nor in their way."""

import pytest
from playwright.sync_api import expect

from tests.browser import talk
from tests.browser.court import Court

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_what_was_asked_elsewhere_under_an_open_form_is_shown_when_it_closes(court: Court) -> None:
    person = court.people["en"]
    api = court.api(person)
    chat = api.conversation()
    api.told(chat, "What stands here?")
    with court.inside(person) as visit:
        page = visit.page
        page.goto(f"/chats/{chat}")
        page.locator("article.question [data-edit]").first.click()
        page.locator("article.editing").wait_for()
        with page.expect_event("requestfinished", lambda request: "/sidebar" in request.url):
            api.told(chat, "And what elsewhere?")

        page.locator("article.editing [data-cancel]").click()

        expect(page.locator("article.question").last).to_contain_text("And what elsewhere?")
        talk.ended(page, 2)


def test_a_list_that_cannot_be_refreshed_says_nothing_beside_the_composer(court: Court) -> None:
    person = court.people["en"]
    api = court.api(person)
    with court.inside(person) as visit:
        page = visit.page
        page.goto(f"/chats/{api.conversation()}")
        page.route("**/sidebar*", lambda route: route.fulfill(status=503))
        with page.expect_response("**/sidebar*"):
            api.conversation(title="Elsewhere")
        page.evaluate("() => new Promise(requestAnimationFrame)")

        assert page.get_by_role("alert").count() == 0
        page.unroute_all()
        visit.forgive("status of 503")


def test_what_was_typed_last_is_there_when_one_leaves_by_the_mouse(court: Court) -> None:
    person = court.people["en"]
    with court.inside(person) as visit:
        page, words = visit.page, visit.words
        page.goto(f"/chats/{court.api(person).conversation()}")
        page.locator("#prompt").fill("Half a thought")
        with page.expect_response("**/draft"):
            page.locator("#sidebar").get_by_role("link", name=words("All chats")).click(delay=100)
        page.wait_for_url("**/chats")

        page.go_back()

        expect(page.locator("#prompt")).to_have_value("Half a thought")
