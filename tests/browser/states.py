"""Every page and state of the product, as a person comes to see it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.court import Visit
from tests.browser.scenes import Scene

Show = Callable[[Visit, Scene], object]


@dataclass(frozen=True, slots=True)
class State:
    """One page in one state. `shows` and `judged` are its line in `docs/screens/README.md`."""

    name: str
    shows: str
    judged: str
    show: Show
    is_inside: bool = True


def at(path: str) -> Show:
    """Shown by its address."""
    return lambda visit, scene: visit.page.goto(path)


def palette(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/chats")
    visit.page.keyboard.press("Control+k")
    visit.page.get_by_role("combobox").wait_for()


def keys(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/chats")
    visit.page.keyboard.press("?")
    visit.page.get_by_role("dialog").wait_for()


def person_menu(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/chats")
    visit.page.locator("button.person").evaluate("button => button.click()")


def new_token(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/account/tokens")
    visit.page.get_by_label(visit.words("Name")).fill("ERP")
    visit.page.get_by_role("button", name=visit.words("Make the token")).click()
    visit.page.locator("#new-token").wait_for()


def refused(status: int, path: str) -> Show:
    def show(visit: Visit, scene: Scene) -> None:
        visit.page.goto(path)
        visit.expect_refusal(status)

    return show


NOWHERE = "/chats/00000000-0000-4000-8000-000000000000"

STATES = (
    State("sign-in", "The door: sign-in.", "", at("/sign-in"), is_inside=False),
    State("home", "The empty room with its composer.", "", at("/")),
    State("home-temporary", "The temporary room.", "", at("/?temporary=1")),
    State("palette", "Commands, opened by Ctrl K.", "", palette),
    State("keys", "The keys that work, opened by ?.", "", keys),
    State("person-menu", "The person's menu.", "", person_menu),
    State("chats", "All chats.", "", at("/chats")),
    State("chats-archived", "Archived chats.", "", at("/chats?archived=1")),
    State("account", "One's own account.", "", at("/account")),
    State("tokens", "Access tokens; one was just made.", "", new_token),
    State("sessions", "Browsers that are signed in.", "", at("/account/sessions")),
    State("password", "Changing the password.", "", at("/account/password")),
    State("members", "Members.", "", at("/members")),
    State("not-found", "No such page, or somebody else's.", "", refused(404, NOWHERE)),
)
