"""A person asks, and the answer is theirs: it comes while they look, and is there when they come back."""

import pytest
from playwright.sync_api import expect

from tests.browser import talk
from tests.browser.court import Court, Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def whole(court: Court, person: Person, chat: object) -> str:
    """The last answer as the server holds it, in one line."""
    messages = court.api(person).get(f"/api/conversations/{chat}/messages")["items"]
    return " ".join(messages[-1]["text"].split())


def test_an_answer_goes_on_when_the_laptop_is_closed_and_waits_in_another_browser(court: Court, reader: Person) -> None:
    with court.inside(reader) as laptop:
        chat = talk.begin(laptop.page, f"What is in the court? {reader.language}")
        talk.in_the_middle(laptop.page)

    with court.inside(reader) as elsewhere:
        elsewhere.page.goto(f"/chats/{chat}")
        talk.ended(elsewhere.page)
        assert talk.shown(talk.answers(elsewhere.page)) == whole(court, reader, chat)


def test_two_windows_show_the_same_answer(court: Court, reader: Person) -> None:
    with court.inside(reader) as one, court.inside(reader) as other:
        chat = talk.begin(one.page, f"Who meets in the court? {reader.language}")
        other.page.goto(f"/chats/{chat}")
        talk.ended(one.page)
        talk.ended(other.page)
        talk.ask(other.page, "And who reads?")
        talk.ended(other.page, 2)
        talk.ended(one.page, 2)
        assert talk.shown(talk.answers(one.page).last) == talk.shown(talk.answers(other.page).last)
        assert talk.shown(talk.answers(one.page).last) == whole(court, reader, chat)


def test_an_answer_is_stopped_and_continued(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        chat = talk.begin(page, f"How does the light fall? {reader.language}")
        talk.in_the_middle(page)
        page.locator("stop-button button").click()
        talk.ended(page)
        part = whole(court, reader, chat)

        go_on = page.get_by_role("button", name=words("Continue"))
        go_on.click()
        expect(go_on).to_have_count(0)
        talk.ended(page)
        assert whole(court, reader, chat).startswith(part)
        assert len(whole(court, reader, chat)) > len(part)
        assert talk.shown(talk.answers(page)) == whole(court, reader, chat)


def test_versions_of_an_answer_and_of_a_question_are_turned_over(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        chat = talk.begin(page, f"Where is the bench? {reader.language}")
        talk.ended(page)
        first = talk.shown(talk.answers(page))

        page.get_by_role("button", name=words("Answer again")).click()
        expect(page.locator("turn-stream")).to_have_count(1)
        talk.ended(page)
        expect(talk.answers(page).get_by_text("2 / 2")).to_be_visible()
        talk.answers(page).get_by_role("button", name=words("Previous version")).click()
        expect(talk.answers(page).get_by_text("1 / 2")).to_be_visible()
        assert talk.shown(talk.answers(page)) == first

        page.get_by_role("link", name=words("Edit as a new branch")).click()
        field = page.get_by_label(words("The question, put another way"))
        field.fill("Where is the table?")
        page.get_by_role("button", name=words("Ask again")).click()
        talk.ended(page)
        expect(page.locator("article.question .said")).to_contain_text("Where is the table?")
        page.locator("article.question").get_by_role("button", name=words("Previous version")).click()
        expect(page.locator("article.question .said")).to_contain_text("Where is the bench?")

        page.goto(f"/chats/{chat}")
        expect(page.locator("article.question .said")).to_contain_text("Where is the bench?")


def test_a_temporary_chat_is_in_no_list(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        page.goto("/")
        page.get_by_role("link", name=words("Temporary chat")).click()
        expect(page.locator("main")).to_have_attribute("data-temporary", "")
        talk.ask(page, "Nobody shall remember this.")
        page.wait_for_url("**/chats/*")
        expect(page.locator("main")).to_have_attribute("data-temporary", "")
        talk.ended(page)
        chat = page.url.rpartition("/")[2]
        assert chat not in page.request.get("/sidebar").text()
        assert chat not in page.request.get("/chats").text()


def test_the_receipt_says_what_made_an_answer(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        talk.begin(page, f"Who wrote this? {reader.language}")
        talk.ended(page)
        page.get_by_role("button", name=words("Stayed in house")).click()
        receipt = page.get_by_role("heading", name=words("This answer stayed in house"))
        expect(receipt).to_be_visible()
        expect(page.get_by_text("gpt-oss-fake").last).to_be_visible()
        page.keyboard.press("Escape")
        expect(receipt).to_be_hidden()


def test_what_cannot_be_sent_stays_in_the_composer(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page = visit.page
        talk.begin(page, f"Is anybody there? {reader.language}")
        talk.ended(page)
        page.context.set_offline(True)
        talk.ask(page, "Lost in the wires")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#prompt")).to_have_value("Lost in the wires")
        page.context.set_offline(False)
        page.locator("#prompt").press("Enter")
        talk.ended(page, 2)
        expect(page.locator("article.question").last).to_contain_text("Lost in the wires")
        offline = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
        visit.complaints[:] = [line for line in visit.complaints if not any(word in line for word in offline)]
