"""Every page and state in light and dark, wide and on a phone, in both languages: what axe finds, and its picture."""

from collections.abc import Iterator

import pytest

from tests.browser.court import Court, Visit
from tests.browser.pictures import SIZES, looked_at
from tests.browser.scenes import Scene, scene
from tests.browser.states import STATES, State

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module", params=["en", "ja"])
def workspace(court: Court, request: pytest.FixtureRequest) -> Scene:
    return scene(court, court.people[request.param])


@pytest.fixture(scope="module")
def inside(workspace: Scene) -> Iterator[Visit]:
    with workspace.court.inside(workspace.person) as visit:
        yield visit


@pytest.fixture(scope="module")
def member(workspace: Scene) -> Iterator[Visit]:
    with workspace.court.inside(workspace.member) as visit:
        yield visit


@pytest.fixture(scope="module")
def outside(workspace: Scene) -> Iterator[Visit]:
    with workspace.court.visit(workspace.person.language) as visit:
        yield visit


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_open_to_everybody(
    state: State, workspace: Scene, inside: Visit, member: Visit, outside: Visit
) -> None:
    visit = {"owner": inside, "member": member, "nobody": outside}[state.who]
    page, language = visit.page, workspace.person.language
    page.set_viewport_size(SIZES[state.sizes[0]])
    state.show(visit, workspace)

    assert looked_at(page, state.name, language, state.sizes) == []
    assert page.locator("html").get_attribute("lang") == language
    assert visit.complaints == []
