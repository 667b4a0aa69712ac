"""A real Chromium in front of running products: one with people in it for all walks, and new ones for first steps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.chromium import NoChromium, chromium
from tests.browser.court import PASSWORD, Court, Person
from tests.fakes.engines import EngineProcess, engine_process
from tests.lanes import not_run
from tests.product.running import Product, running_product

# Ids a second, and how many an answer has that nobody has written down: four seconds.
RATE, TOKENS = 40, 160


@pytest.fixture(scope="module")
def running_browser() -> Iterator[tuple[Playwright, Browser]]:
    """One a module: while Playwright's synchronous door is open, no other test here can run an event loop."""
    try:
        with chromium() as running:
            yield running
    except NoChromium as missing:
        not_run(f"no Chromium on this machine ({missing})")


@pytest.fixture(scope="session")
def house() -> Iterator[tuple[Product, EngineProcess, dict[str, Person]]]:
    """A product in front of the fake engine, with an owner for each language."""
    options = ("--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        owner = ("--email", "mei@example.org", "--workspace", "Kitano Precision", "--name", "Mei Tanaka")
        product.manage("create_owner", *owner, given=f"{PASSWORD}\n")
        other = ("--email", "tanaka@example.org", "--name", "田中 芽依", "--role", "owner")
        product.manage("create_user", *other, given=f"{PASSWORD}\n")
        people = {
            language: Person(email, name, language, product.manage("create_key", "--email", email, "--name", "walk"))
            for language, email, name in (
                ("en", "mei@example.org", "Mei Tanaka"),
                ("ja", "tanaka@example.org", "田中 芽依"),
            )
        }
        yield product, engine, people


@pytest.fixture(scope="module")
def court(
    running_browser: tuple[Playwright, Browser], house: tuple[Product, EngineProcess, dict[str, Person]]
) -> Court:
    playwright, browser = running_browser
    product, engine, people = house
    return Court(playwright, browser, product, engine, people)


@pytest.fixture(params=["en", "ja"])
def reader(court: Court, request: pytest.FixtureRequest) -> Person:
    """An owner, once for each language."""
    return court.people[request.param]
