"""A reader does not notice that a process of the product dies in the middle of an answer."""

import pytest
from playwright.sync_api import expect

from tests.browser import talk
from tests.browser.court import Court
from tests.browser.test_answers import whole

pytestmark = [pytest.mark.browser, pytest.mark.kills]


@pytest.mark.parametrize("part", ["web", "turns"])
def test_a_killed_process_is_not_noticed_in_the_middle_of_an_answer(court: Court, part: str) -> None:
    person = court.people["en"]
    with court.inside(person) as visit:
        page = visit.page
        chat = talk.begin(page, f"What happens when {part} dies?")
        talk.in_the_middle(page)
        court.product.kill(part)
        talk.ended(page)
        expect(page.locator("article.answer .ending")).to_have_count(0)
        assert talk.shown(talk.answers(page)) == whole(court, person, chat)
        visit.complaints.clear()  # the browser's own lines about the connection that broke
