"""The first person makes a workspace through the one-time link, leaves, and comes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.court import Court, sign_in
from tests.browser.pictures import looked_at
from tests.product.running import Product, running_product

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EMAIL, PASSWORD = "owner@example.org", "seven quiet rooms around a court"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product({"ENGINE_URL": "http://127.0.0.1:9"}) as running:
        yield running


@pytest.fixture(scope="module", params=["engine-away", "engine-test-model"])
def house(request: pytest.FixtureRequest) -> Iterator[tuple[str, Product]]:
    """One whose engine does not answer, and one in which none is named: it has the small model of the product."""
    with running_product({"ENGINE_URL": "http://127.0.0.1:9"} if request.param == "engine-away" else {}) as running:
        running.manage("create_owner", "--email", EMAIL, "--workspace", "Court", given=f"{PASSWORD}\n")
        yield request.param, running


@pytest.fixture
def page(running_browser: tuple[Playwright, Browser], product: Product) -> Iterator[Page]:
    with Court(*running_browser, product, None, {}).visit() as visit:
        yield visit.page


def test_the_owner_skips_what_can_wait_leaves_and_signs_in_by_keyboard_alone(product: Product, page: Page) -> None:
    link = product.owner_url()
    page.goto(link)
    page.locator("[name=name]").focus()
    for typed in ("Mei Tanaka", EMAIL, PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Step 2 of 4")).to_be_visible()
    page.locator("[name=workspace]").focus()
    page.keyboard.type("Court")
    page.keyboard.press("Enter")

    for step in ("Step 3 of 4", "Step 4 of 4"):
        expect(page.get_by_text(step)).to_be_visible()
        assert who(product, page) == EMAIL
        page.get_by_role("link", name=re.compile("Skip this for now|To your first chat")).press("Enter")
    page.wait_for_url(lambda url: "/set-up" not in url)

    somebody = page.context.browser
    assert somebody is not None
    assert somebody.new_context().request.get(link).status == 404, "the link works once"

    page.goto(f"{product.url}/sign-out")
    page.locator("main button.primary").press("Enter")
    page.wait_for_url(lambda url: "/sign-out" not in url)
    page.goto(f"{product.url}/sign-in")
    page.get_by_label(re.compile("e-?mail", re.I)).focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert who(product, page) == EMAIL


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_an_engine_and_with_the_test_model_the_empty_room_says_so(
    running_browser: tuple[Playwright, Browser], house: tuple[str, Product], language: str
) -> None:
    name, product = house
    with Court(*running_browser, product, None, {}).visit(language) as visit:
        sign_in(visit, EMAIL)
        visit.page.locator(".greeting-notices :is(p, summary)").first.click()
        assert looked_at(visit.page, name, language) == []
        assert visit.page.locator("html").get_attribute("lang") == language


def test_a_wrong_password_is_told_on_the_page(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/sign-in")
    page.get_by_label(re.compile("e-?mail", re.I)).fill("nobody@example.org")
    page.get_by_label(re.compile("password", re.I)).fill("not the pass phrase of anybody")
    page.keyboard.press("Enter")

    expect(page.get_by_text(re.compile("is not right", re.I))).to_be_visible()


def test_the_page_of_the_api_works_under_the_content_security_policy(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/api/docs")

    expect(page.get_by_text("/api/conversations").first).to_be_visible()


def who(product: Product, page: Page) -> str:
    """The e-mail address that the session belongs to."""
    answer = page.request.get(f"{product.url}/api/me")
    assert answer.ok, answer.text()
    email: str = answer.json()["user"]["email"]
    return email
