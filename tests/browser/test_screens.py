"""Every page and state in light and dark, wide and on a phone, in both languages: what axe finds, and its picture.

`SCREENS=1` writes the pictures of `docs/screens/`; without it half of the combinations are looked at, so that each
pair of theme, size and language is among them.
"""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.axe import violations
from tests.browser.court import PHONE, WIDE, Court, Visit
from tests.browser.scenes import Scene, scene
from tests.browser.states import STATES, State

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WRITES = os.environ.get("SCREENS") == "1"
FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES: dict[str, ViewportSize] = {"wide": WIDE, "phone": PHONE}
QUALITY = 60
SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
SETTLED = (
    "() => document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50))))"
)


@pytest.fixture(scope="module", params=["en", "ja"])
def workspace(court: Court, request: pytest.FixtureRequest) -> Scene:
    return scene(court, court.people[request.param])


@pytest.fixture(scope="module")
def inside(workspace: Scene) -> Iterator[Visit]:
    with workspace.court.inside(workspace.person) as visit:
        yield visit


@pytest.fixture(scope="module")
def outside(workspace: Scene) -> Iterator[Visit]:
    with workspace.court.visit(workspace.person.language) as visit:
        yield visit


def combinations(language: str) -> list[tuple[str, str]]:
    every = [(theme, size) for theme in ("light", "dark") for size in SIZES]
    return every if WRITES else [pair for pair in every if (pair in every[1:3]) == (language == "ja")]


def picture(page: Page, file: Path) -> None:
    """Chromium itself writes WebP, which is a third of a PNG."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    file.write_bytes(base64.b64decode(shot["data"]))
    session.detach()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_open_to_everybody(state: State, workspace: Scene, inside: Visit, outside: Visit) -> None:
    visit = inside if state.is_inside else outside
    page, language = visit.page, workspace.person.language
    wrong: list[str] = []
    page.set_viewport_size(WIDE)
    state.show(visit, workspace)
    for theme, size in combinations(language):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(SIZES[size])
        page.evaluate(SETTLED)
        wrong += [f"{theme} {size}: {line}" for line in violations(page)]
        if page.evaluate(SIDEWAYS):
            wrong.append(f"{theme} {size}: the page scrolls sideways")
        if WRITES:
            picture(page, FOLDER / f"{state.name}.{language}.{theme}.{size}.webp")

    assert page.locator("html").get_attribute("lang") == language
    assert wrong == []
    assert visit.complaints == []
