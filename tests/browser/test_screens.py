"""Every page and state in light and dark, wide and on a phone, in both languages: what axe finds, and its picture."""

from collections.abc import Iterator

import pytest

from tests.browser.court import Court, Visit
from tests.browser.pictures import SIZES, looked_at
from tests.browser.scenes import Scene, scene
from tests.browser.states import STATES, State

LOOKERS = {"owner": "inside", "member": "member", "nobody": "outside", "cut off": "cut_off"}
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


@pytest.fixture
def cut_off(workspace: Scene, inside: Visit) -> Iterator[Visit]:
    signed_in = inside.page.context.storage_state()
    with workspace.court.visit(workspace.person.language, storage_state=signed_in) as visit:
        yield visit
        visit.page.close()
        for said in ("ERR_FAILED", "Failed to fetch"):
            visit.forgive(said)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_open_to_everybody(state: State, workspace: Scene, request: pytest.FixtureRequest) -> None:
    visit: Visit = request.getfixturevalue(LOOKERS[state.who])
    page, language = visit.page, workspace.person.language
    page.set_viewport_size(SIZES[state.sizes[0]])
    state.show(visit, workspace)

    assert looked_at(page, state.name, language, state.sizes, state.brings) == []
    assert page.locator("html").get_attribute("lang") == language
    if state.who != "cut off":
        assert visit.complaints == []
