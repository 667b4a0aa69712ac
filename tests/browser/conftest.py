"""A real Chromium in front of running products: one with people in it for all walks, and new ones for first steps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.chromium import NoChromium, chromium
from tests.browser.court import PASSWORD, Court, Person
from tests.fakes.engines import engine_process
from tests.lanes import not_run
from tests.product.running import running_product

# Ids a second, and how many an answer has that nobody has written down: four seconds.
RATE, TOKENS = 40, 160


@pytest.fixture(scope="session")
def running_browser() -> Iterator[tuple[Playwright, Browser]]:
    try:
        with chromium() as running:
            yield running
    except NoChromium as missing:
        not_run(f"no Chromium on this machine ({missing})")


@pytest.fixture(scope="session")
def court(running_browser: tuple[Playwright, Browser]) -> Iterator[Court]:
    options = ("--rate", str(RATE), "--tokens", str(TOKENS), "--analysis", "0")
    with engine_process(*options) as engine, running_product({"ENGINE_URL": engine.url}) as product:
        owner = ("--email", "mei@example.org", "--workspace", "Kitano Precision", "--name", "Mei Tanaka")
        product.manage("create_owner", *owner, given=f"{PASSWORD}\n")
        token = product.manage("create_key", "--email", "mei@example.org", "--name", "walk")
        mei = Person("mei@example.org", "Mei Tanaka", "en", token)
        running = Court(*running_browser, product, engine, {"en": mei})
        running.people["ja"] = running.person("tanaka@example.org", "田中 芽依", "ja", "owner")
        yield running


@pytest.fixture(params=["en", "ja"])
def reader(court: Court, request: pytest.FixtureRequest) -> Person:
    """An owner, once for each language."""
    return court.people[request.param]
