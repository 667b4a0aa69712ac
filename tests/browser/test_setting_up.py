"""The first set-up with an engine that answers: account, workspace, a live answer, an invitation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser import post, talk
from tests.browser.court import PASSWORD, Court, Visit
from tests.browser.pictures import looked_at
from tests.fakes.engines import engine_process
from tests.product.running import running_product

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COLLEAGUE = "colleague@example.org"
ANSWERS = {
    "en": "An atrium is the open court in the middle of a house: light falls into it, and every room can see it.",
    "ja": "アトリウムは家の中央にある吹き抜けの中庭です。光が差し込み、どの部屋からも見えます。",
}


@pytest.fixture(params=["en", "ja"])
def newcomer(
    running_browser: tuple[Playwright, Browser], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Court, Visit]]:
    """Whoever opens a product of their own for the first time."""
    answer = tmp_path / "answer.md"
    answer.write_text(ANSWERS[request.param], "utf-8")
    options = ("--rate", "40", "--say", str(answer), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        court = Court(*running_browser, product, engine, {})
        with court.visit(request.param) as visit:
            yield court, visit


def test_the_first_one_here_sets_up_a_workspace_in_four_steps(newcomer: tuple[Court, Visit]) -> None:
    court, visit = newcomer
    page, words = visit.page, visit.words
    page.goto(court.product.owner_url())
    expect(page.get_by_text(words("Step 1 of 4"))).to_be_visible()
    assert looked_at(page, "set-up-account", words.language) == []
    page.locator("[name=name]").fill("Mei Tanaka")
    page.locator("[name=email]").fill("owner@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name=words("Continue")).click()

    expect(page.get_by_text(words("Step 2 of 4"))).to_be_visible()
    assert looked_at(page, "set-up-workspace", words.language) == []
    page.locator("[name=workspace]").fill("Kitano Precision")
    page.get_by_role("button", name=words("Create the workspace")).click()

    expect(page.get_by_text(words("Step 3 of 4"))).to_be_visible()
    page.get_by_role("button", name=words("Ask"), exact=True).click()
    expect(page.locator("turn-stream")).to_have_count(0, timeout=talk.ANSWER_MS)
    expect(talk.answers(page).locator(".prose")).not_to_be_empty()
    assert looked_at(page, "set-up-answered", words.language) == []
    page.get_by_role("link", name=words("Continue")).click()

    expect(page.get_by_text(words("Step 4 of 4"))).to_be_visible()
    page.locator("[name=emails]").fill(COLLEAGUE)
    page.get_by_role("button", name=words("Invite"), exact=True).click()
    expect(page.get_by_role("status").get_by_text(COLLEAGUE).first).to_be_visible()
    assert looked_at(page, "set-up-invited", words.language) == []
    assert post.link_for(court.product, COLLEAGUE)
    page.get_by_role("link", name=words("To your first chat")).click()
    page.wait_for_url("**/")
    expect(page.locator("#prompt")).to_be_focused()
    assert court.product.status()["owner_url"] is None
