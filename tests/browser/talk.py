"""What everybody does in a chat, and what they see of it."""

from uuid import UUID

from playwright.sync_api import Locator, Page, expect

# An answer of the fake engine takes four seconds; a busy machine makes it longer.
ANSWER_MS = 40_000


def ask(page: Page, text: str) -> None:
    """By typing and the Enter key."""
    page.locator("#prompt").fill(text)
    page.locator("#prompt").press("Enter")


def begin(page: Page, text: str) -> UUID:
    """Asks in the empty room; the id of the chat that the page leads to."""
    page.goto("/")
    ask(page, text)
    page.wait_for_url("**/chats/*")
    return UUID(page.url.rpartition("/")[2].partition("#")[0].partition("?")[0])


def answers(page: Page) -> Locator:
    return page.locator("article.answer")


def in_the_middle(page: Page) -> None:
    """Waits until some of the answer is there, and more to come: as it grows, not block by block."""
    page.emulate_media(reduced_motion="no-preference")
    grown = "() => document.querySelector('turn-stream [data-body]')?.textContent.length > 60"
    page.wait_for_function(grown, timeout=ANSWER_MS)


def ended(page: Page, count: int = 1) -> None:
    """Waits until so many answers are there and none is being written; each has its tools."""
    expect(page.locator("turn-stream")).to_have_count(0, timeout=ANSWER_MS)
    expect(answers(page).locator(".turn-tools")).to_have_count(count)


def shown(answer: Locator) -> str:
    """The words of an answer, as one line."""
    return " ".join(answer.locator(".prose").inner_text().split())
