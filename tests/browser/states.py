"""Every page and state of the product, as a person comes to see it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.court import Visit
from tests.browser.scenes import SLOW, Scene
from tests.browser.talk import in_the_middle
from tests.fakes.sayings import sayings

Show = Callable[[Visit, Scene], object]


@dataclass(frozen=True, slots=True)
class State:
    """One page in one state. `shows` is its line in `docs/screens/README.md`."""

    name: str
    shows: str
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
    visit.page.locator("main [name=name]").fill("ERP")
    visit.page.get_by_role("button", name=visit.words("Make the token")).click()
    visit.page.locator("#new-token").wait_for()


def refused(status: int, path: str) -> Show:
    def show(visit: Visit, scene: Scene) -> None:
        visit.page.goto(path)
        visit.expect_refusal(status)

    return show


def chat(name: str) -> Show:
    """One of the scene's chats."""
    return lambda visit, scene: visit.page.goto(f"/chats/{scene.chats[name]}")


def pressed(name: str, selector: str) -> Show:
    """One of the scene's chats, with something pressed in it."""

    def show(visit: Visit, scene: Scene) -> None:
        chat(name)(visit, scene)
        visit.page.locator(selector).last.evaluate("element => element.click()")

    return show


def writing(visit: Visit, scene: Scene) -> None:
    made = scene.api.conversation()
    scene.api.begun(made, sayings()[SLOW[scene.person.language]].asked, 60)
    visit.page.goto(f"/chats/{made}")
    in_the_middle(visit.page)


def editing(visit: Visit, scene: Scene) -> None:
    pressed("stopped", "article.question a[href$='/edit']")(visit, scene)
    visit.page.locator("article.editing").wait_for()


def renaming(visit: Visit, scene: Scene) -> None:
    visit.page.goto(f"/chats/{scene.chats['report']}/rename")


def temporary(visit: Visit, scene: Scene) -> None:
    made = scene.api.conversation(temporary=True)
    scene.api.told(made, "What stays of this?")
    visit.page.goto(f"/chats/{made}")


def failed(visit: Visit, scene: Scene) -> None:
    made = scene.api.conversation(model="a-model-that-nobody-serves")
    scene.api.told(made, "Who answers?")
    visit.page.goto(f"/chats/{made}")


def invited(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/members/invitations")
    visit.page.locator("main [name=emails]").fill(f"guest-{scene.person.language}@example.org")
    visit.page.locator("main button.primary").click()
    visit.page.get_by_text("/invitations/").first.wait_for()


def invitation(visit: Visit, scene: Scene) -> None:
    with scene.court.inside(scene.person) as host:
        host.page.goto("/members/invitations")
        host.page.locator("main [name=emails]").fill(f"visitor-{scene.person.language}@example.org")
        host.page.locator("main button.primary").click()
        said = host.page.get_by_text("/invitations/").first
        link = said.input_value() if said.evaluate("element => 'value' in element") else said.inner_text()
    visit.page.goto(link.strip())


NOWHERE = "/chats/00000000-0000-4000-8000-000000000000"

STATES = (
    State("sign-in", "The door: sign-in.", at("/sign-in"), is_inside=False),
    State("password-forgotten", "A new password: asking for the link.", at("/password/reset"), is_inside=False),
    State("password-sent", "The link is on its way.", at("/password/reset/sent"), is_inside=False),
    State("password-link-spent", "A link that does not work any more.", at("/password/reset/a/b"), is_inside=False),
    State("invitation", "What an invited person sees.", invitation, is_inside=False),
    State("set-up-engine", "Set-up, step 3: does the engine answer?", at("/set-up/engine")),
    State("set-up-invite", "Set-up, step 4: invite colleagues.", at("/set-up/invite")),
    State("home", "The empty room with its composer.", at("/")),
    State("home-temporary", "The temporary room.", at("/?temporary=1")),
    State("chat", "An answer with a table, code and a formula.", chat("report")),
    State("chat-writing", "An answer while it is written.", writing),
    State("chat-receipt", "The receipt of an answer.", pressed("report", ".receipt-line")),
    State("chat-policy", "The facts behind the policy line.", pressed("report", ".policy-line button")),
    State("chat-menu", "What can be done with a chat.", pressed("report", "[popovertarget=chat-menu]")),
    State("chat-stopped", "An answer that was stopped.", chat("stopped")),
    State("chat-failed", "An answer that failed, and the next step.", failed),
    State("chat-edit", "A question while it is put another way.", editing),
    State("chat-rename", "Renaming a chat without scripts.", renaming),
    State("chat-branches", "Two versions of an answer.", chat("branched")),
    State("chat-long", "The end of an answer of 50,000 characters.", chat("long")),
    State("chat-hostile", "Hostile Markdown, shown as what it is.", chat("hostile")),
    State("chat-temporary", "A temporary chat.", temporary),
    State("palette", "Commands, opened by Ctrl K.", palette),
    State("keys", "The keys that work, opened by ?.", keys),
    State("person-menu", "The person's menu.", person_menu),
    State("chats", "All chats.", at("/chats")),
    State("chats-archived", "Archived chats.", at("/chats?archived=1")),
    State("account", "One's own account.", at("/account")),
    State("password", "Changing the password.", at("/account/password")),
    State("tokens", "Access tokens; one was just made.", new_token),
    State("sessions", "Browsers that are signed in.", at("/account/sessions")),
    State("members", "Members.", at("/members")),
    State("invitations", "Somebody was just invited.", invited),
    State("workspace", "The workspace's name.", at("/workspace")),
    State("not-found", "No such page, or somebody else's.", refused(404, NOWHERE)),
)
