"""Other ways through the product: by keyboard alone, on a phone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import talk
from tests.browser.axe import violations
from tests.browser.court import PASSWORD, PHONE, Court, Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"


def test_a_question_is_asked_stopped_and_answered_again_by_keyboard_alone(court: Court, reader: Person) -> None:
    with court.visit(reader.language) as visit:
        page, words = visit.page, visit.words
        page.goto("/sign-in")
        page.locator("[name=login]").focus()
        page.keyboard.type(reader.email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")

        expect(page.locator("#prompt")).to_be_focused()
        page.keyboard.type("One line")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("and another")
        page.keyboard.press("Enter")
        page.wait_for_url("**/chats/*")
        talk.in_the_middle(page)
        page.keyboard.press("Escape")
        talk.ended(page)
        expect(page.locator("article.question .said")).to_contain_text("and another")

        again = page.get_by_role("button", name=words("Answer again"))
        for _ in range(60):
            if again.evaluate("node => node === document.activeElement"):
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("turn-stream")).to_have_count(1)
        talk.ended(page)
        page.keyboard.press("Control+Shift+O")
        page.wait_for_url("**/")
        expect(page.locator("#prompt")).to_be_focused()


def test_a_phone_has_room_for_everything(court: Court, reader: Person) -> None:
    with court.inside(reader, PHONE, has_touch=True) as visit:
        page, words = visit.page, visit.words
        talk.begin(page, f"Is there room on a phone? {reader.language}")
        talk.ended(page)
        assert not page.evaluate(SIDEWAYS)
        assert violations(page) == []
        page.get_by_role("button", name=words("Open the menu")).tap()
        page.locator("#sidebar").get_by_role("link", name=words("All chats")).tap()
        page.wait_for_url("**/chats")
        assert not page.evaluate(SIDEWAYS)


def test_reading_and_asking_need_no_javascript(court: Court, reader: Person) -> None:
    with court.inside(reader, java_script_enabled=False) as visit:
        page, words = visit.page, visit.words
        page.goto("/")
        page.locator("#prompt").fill("Does this work without scripts?")
        page.get_by_role("button", name=words("Send")).click()
        expect(page).to_have_url(re.compile("/chats/"))
        for _ in range(40):
            page.reload()
            if page.locator("article.answer .turn-tools").count():
                break
            page.wait_for_timeout(500)
        expect(talk.answers(page).locator(".turn-tools")).to_be_visible()

        page.get_by_role("link", name=words("Edit as a new branch")).click()
        page.get_by_label(words("The question, put another way")).fill("And this?")
        page.get_by_role("button", name=words("Ask again")).click()
        expect(page.locator("article.question .said")).to_contain_text("And this?")
