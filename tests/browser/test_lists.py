"""Where chats are kept: pinned, archived, deleted and taken back, and the same in every window."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.court import Court, Person, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def named(court: Court, person: Person, title: str) -> str:
    """A chat with this title; its id."""
    api = court.api(person)
    chat = api.conversation()
    api.patch(f"/api/conversations/{chat}", {"title": title})
    return chat


def listed(visit: Visit, title: str) -> Locator:
    """The chat's line in the sidebar."""
    return visit.page.locator("#sidebar-chats").get_by_role("link", name=title, exact=True)


def test_a_chat_is_pinned_archived_and_put_back(court: Court, reader: Person) -> None:
    title = f"Minutes of the supplier day, {reader.language}"
    named(court, reader, title)
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        page.goto("/chats")
        page.get_by_role("button", name=words("Pin “%(title)s”", title=title)).click()
        pinned = page.locator(".nav-group").filter(has=page.get_by_role("heading", name=words("Pinned")))
        expect(pinned.get_by_text(title)).to_be_visible()

        page.get_by_role("button", name=words("Archive “%(title)s”", title=title)).click()
        expect(page.get_by_text(words("The chat is archived."))).to_be_visible()
        expect(listed(visit, title)).to_have_count(0)

        page.goto("/chats?archived=1")
        page.get_by_role("button", name=words("Put “%(title)s” back into the list", title=title)).click()
        expect(listed(visit, title)).to_be_visible()


def test_a_deleted_chat_can_be_taken_back(court: Court, reader: Person) -> None:
    title = f"SQL for open orders, {reader.language}"
    named(court, reader, title)
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        page.goto("/chats")
        page.get_by_role("button", name=words("Delete “%(title)s”", title=title)).click()
        expect(listed(visit, title)).to_have_count(0)
        page.get_by_role("button", name=words("Undo")).click()
        expect(listed(visit, title)).to_be_visible()


def test_two_windows_show_the_same(court: Court, reader: Person) -> None:
    title = f"Customs codes, {reader.language}"
    with court.inside(reader) as one, court.inside(reader) as other:
        one.page.goto("/chats")
        other.page.goto("/account")
        chat = named(court, reader, title)
        expect(listed(one, title)).to_be_visible()
        expect(listed(other, title)).to_be_visible()
        court.api(reader).context.delete(f"/api/conversations/{chat}")
        expect(listed(one, title)).to_have_count(0)
        expect(listed(other, title)).to_have_count(0)


def test_a_draft_waits_in_another_browser(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        visit.page.goto("/")
        with visit.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            visit.page.get_by_role("textbox").fill("Half a question about 京都")
    with court.inside(reader) as elsewhere:
        elsewhere.page.goto("/")
        field = elsewhere.page.get_by_role("textbox")
        expect(field).to_have_value("Half a question about 京都")
        with elsewhere.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            field.fill("")


def test_a_chat_is_found_and_opened_by_keyboard(court: Court, reader: Person) -> None:
    title = f"Tolerance stack-up, {reader.language}"
    chat = named(court, reader, title)
    with court.inside(reader) as visit:
        page = visit.page
        page.goto("/account")
        page.keyboard.press("Control+k")
        page.keyboard.type("stack-up")
        expect(page.get_by_role("option", name=title)).to_be_visible()
        with page.expect_request(lambda request: request.url.endswith(f"/chats/{chat}")):
            page.keyboard.press("Enter")
