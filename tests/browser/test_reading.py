"""What an answer looks like: tables, code and formulas; long ones; hostile ones; and who holds the scroll."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import talk
from tests.browser.axe import violations
from tests.browser.court import Court
from tests.fakes.sayings import sayings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ATTACKED = "() => window.attacked ?? null"
HANDLERS = """() => [...document.querySelectorAll("main *")].flatMap(node => [...node.attributes]
    .filter(({name}) => name.startsWith("on") || name === "style" || name === "srcdoc").map(({name}) => name))"""


def test_code_tables_and_formulas_are_drawn_and_copied(court: Court) -> None:
    with court.inside(court.people["en"]) as visit:
        page = visit.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        talk.begin(page, sayings()["report"].asked)
        talk.ended(page)
        talk.ask(page, sayings()["code"].asked)
        talk.ended(page, 2)

        expect(talk.answers(page).first.get_by_role("table")).to_be_visible()
        expect(talk.answers(page).last.locator("math").first).to_be_visible()
        talk.answers(page).last.locator("figure.code copy-button button").click()
        assert page.evaluate("() => navigator.clipboard.readText()").startswith("def late_share(")
        assert violations(page) == []


def test_hostile_markdown_runs_nothing_and_asks_nobody(court: Court) -> None:
    with court.inside(court.people["en"]) as visit:
        page = visit.page
        talk.begin(page, sayings()["hostile"].asked)
        talk.ended(page)
        answer = talk.answers(page)
        for link in answer.get_by_role("link").all():
            assert urlsplit(link.get_attribute("href") or "").scheme in {"http", "https", "mailto"}
        assert answer.locator("script, style, iframe, img, form:not(.turn-tools form), object, embed").count() == 0

        page.reload()
        expect(answer.locator(".turn-tools")).to_be_visible()
        expect(page.locator("#prompt")).to_be_visible()
        assert page.evaluate(ATTACKED) is None
        assert page.evaluate(HANDLERS) == []
        # Leaving the court fails the test if anything was asked of another host.


def test_the_readers_place_stays_while_a_long_answer_comes(court: Court) -> None:
    with court.inside(court.people["en"]) as visit:
        page = visit.page
        talk.begin(page, sayings()["steady"].asked)
        scroller = page.locator("stick-to-bottom")
        grown = "() => document.querySelector('stick-to-bottom').scrollHeight > 1800"
        page.wait_for_function(grown, timeout=talk.ANSWER_MS)
        scroller.hover()
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(300)
        place = scroller.evaluate("node => node.scrollTop")
        talk.ended(page)
        assert scroller.evaluate("node => node.scrollTop") == place
        page.locator("[data-to-latest]").click()
        page.wait_for_function(
            "() => { const n = document.querySelector('stick-to-bottom');"
            " return n.scrollHeight - n.clientHeight - n.scrollTop < 60 }"
        )


def test_an_answer_of_fifty_thousand_characters_comes_whole(court: Court) -> None:
    with court.inside(court.people["en"]) as visit:
        page = visit.page
        talk.begin(page, sayings()["long"].asked)
        talk.ended(page)
        sections = sayings()["long"].text.count("## The light in the court")
        expect(talk.answers(page).get_by_role("heading", name="The light in the court")).to_have_count(sections)
