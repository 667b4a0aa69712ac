"""Every page and state of the product, as a person comes to see it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser import post
from tests.browser.court import PASSWORD, Visit, sign_in
from tests.browser.scenes import REPORT, SLOW, Scene
from tests.browser.talk import in_the_middle
from tests.fakes.sayings import sayings

Show = Callable[[Visit, Scene], object]


@dataclass(frozen=True, slots=True)
class State:
    """One page in one state, of these templates. `who` looks: the owner, a member who has nothing yet, nobody, or the
    owner in a browser whose requests the state breaks. `brings`: what must be seen of a chat longer than a page.
    """

    name: str
    templates: tuple[str, ...]
    show: Show
    who: str = "owner"
    sizes: tuple[str, ...] = ("wide", "phone")
    brings: str = ""


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
    visit.page.locator("button.person").click()


def drawer(visit: Visit, scene: Scene) -> None:
    chat("report")(visit, scene)
    visit.page.locator("[data-opens=drawer]").click()
    visit.page.locator("#sidebar").get_by_role("link", name=visit.words("All chats")).wait_for()


def menu_in_drawer(visit: Visit, scene: Scene) -> None:
    drawer(visit, scene)
    visit.page.locator("button.person").click()


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


def renaming_in_place(visit: Visit, scene: Scene) -> None:
    pressed("report", "#chat-menu a[href$='/rename']")(visit, scene)
    visit.page.locator("#new-title").wait_for()


def deleted(visit: Visit, scene: Scene) -> None:
    visit.page.goto(f"/chats/{scene.api.conversation(title='ERP')}")
    visit.page.locator("form[action$='/delete'] button").first.evaluate("button => button.click()")
    visit.page.locator("undo-notice").wait_for()


def lost(visit: Visit, scene: Scene) -> None:
    """The stream of an answer breaks and does not come back."""
    made = scene.api.conversation()
    scene.api.begun(made, sayings()[SLOW[scene.person.language]].asked, 30)
    visit.page.route("**/api/turns/*/events*", lambda route: route.abort())
    visit.page.goto(f"/chats/{made}")
    visit.page.locator("[data-lost]:not([hidden])").wait_for()


def unreached(visit: Visit, scene: Scene) -> None:
    """A question that the server did not hear."""
    visit.page.goto(f"/chats/{scene.api.conversation()}")
    visit.page.route("**/chats/*/turns", lambda route: route.abort())
    visit.page.locator("#prompt").fill(sayings()[REPORT[scene.person.language]].asked)
    visit.page.locator("#prompt").press("Enter")
    visit.page.locator("#problem [role=alert]").wait_for()


def member(visit: Visit, scene: Scene) -> None:
    """The page of a member."""
    visit.page.goto(f"/members?q={scene.member.email}")
    visit.page.locator(".people a").first.click()
    visit.page.locator("details.confirm, form[action$='/reactivate']").first.wait_for()


def asked_to_confirm(visit: Visit, scene: Scene) -> None:
    member(visit, scene)
    visit.page.locator("details.confirm > summary").click()


def deactivated(visit: Visit, scene: Scene) -> None:
    asked_to_confirm(visit, scene)
    visit.page.locator("details.confirm[open] button").click()
    visit.page.locator("form[action$='/reactivate']").wait_for()


def closed(visit: Visit, scene: Scene) -> None:
    """Signing in with an account that was deactivated."""
    with scene.court.inside(scene.person) as host:
        member(host, scene)
        if host.page.locator("details.confirm").count():
            deactivated(host, scene)
    sign_in(visit, scene.member.email)


def wrong_password(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/sign-in")
    visit.page.locator("[name=login]").fill("nobody@example.org")
    visit.page.locator("[name=password]").fill("not the pass phrase of anybody")
    visit.page.keyboard.press("Enter")
    visit.page.locator(".problem, .notice.danger").first.wait_for()


def too_many(visit: Visit, scene: Scene) -> None:
    """One more link for one address than is sent in a minute."""
    refused_at_last = visit.page.get_by_text(visit.words("Too many tries"), exact=True)
    for _ in range(20):
        visit.page.goto("/password/reset")
        visit.page.locator("[name=email]").fill(f"nobody-{scene.person.language}@example.org")
        with visit.page.expect_navigation():
            visit.page.keyboard.press("Enter")
        if refused_at_last.is_visible():
            break
    visit.expect_refusal(429)


def reset(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/password/reset")
    visit.page.locator("[name=email]").fill(scene.person.email)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/password/reset/sent")
    visit.page.goto(post.link_for(scene.court.product, scene.person.email))


def refused_password(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/account/password")
    for field in visit.page.locator("main [type=password]").all():
        field.fill("not the pass phrase of anybody")
    visit.page.locator("main button.primary").click()
    visit.page.locator(".problem").first.wait_for()
    visit.expect_refusal(400)


def forged(visit: Visit, scene: Scene) -> None:
    """A form without its token."""
    visit.page.goto("/sign-in")
    visit.page.context.clear_cookies()
    wait = visit.page.expect_navigation()
    with wait:
        visit.page.locator("form").first.evaluate("form => form.submit()")
    visit.expect_refusal(403)


def temporary(visit: Visit, scene: Scene) -> None:
    made = scene.api.conversation(temporary=True)
    scene.api.told(made, sayings()[REPORT[scene.person.language]].asked)
    visit.page.goto(f"/chats/{made}")


def failed(visit: Visit, scene: Scene) -> None:
    made = scene.api.conversation(model="a-model-that-nobody-serves")
    scene.api.told(made, sayings()[REPORT[scene.person.language]].asked)
    visit.page.goto(f"/chats/{made}")


def invited(visit: Visit, scene: Scene) -> None:
    visit.page.goto("/members/invitations")
    visit.page.locator("main [name=emails]").fill(f"guest-{scene.person.language}@example.org")
    visit.page.locator("main button.primary").click()
    visit.page.get_by_text("/invitations/").first.wait_for()


GUESTS = ("visitor", "returning", "somebody")


def link_to(scene: Scene, guest: str) -> str:
    """An invitation, as the owner passes it on: all of them are made at once."""
    if not scene.links:
        with scene.court.inside(scene.person) as host:
            addresses = {name: f"{name}-{scene.person.language}@example.org" for name in GUESTS}
            host.page.goto("/members/invitations")
            host.page.locator("main [name=emails]").fill(", ".join(addresses.values()))
            host.page.locator("main button.primary").click()
            for name, address in addresses.items():
                said = host.page.locator(".made div", has_text=address).last.get_by_text("/invitations/")
                scene.links[name] = said.inner_text().strip()
    return scene.links[guest]


def invitation(visit: Visit, scene: Scene) -> None:
    visit.page.goto(link_to(scene, "visitor"))


def invitation_of_old(visit: Visit, scene: Scene) -> None:
    """Somebody who has an account already."""
    visit.page.goto(link_to(scene, "returning"))
    visit.page.locator("details.other-way > summary").click()


def invitation_of_another(visit: Visit, scene: Scene) -> None:
    visit.page.goto(link_to(scene, "somebody"))
    visit.page.locator("main form [name=next]").wait_for(state="attached")


def weighed(visit: Visit, scene: Scene) -> None:
    """Stricter rules for signing in, and whom they would ask."""
    visit.page.goto("/workspace/sign-in")
    if visit.page.locator("[name=password]").count():
        visit.page.locator("[name=password]").fill(PASSWORD)
        visit.page.keyboard.press("Enter")
    visit.page.locator("[name=required_level]").select_option("2")
    visit.page.locator("[name=preview]").click()
    visit.page.locator("main .notice").wait_for()


NOWHERE = "/chats/00000000-0000-4000-8000-000000000000"

# Pages that no state shows, and why.
ELSEWHERE = {
    "accounts/set_up.html": "test_setting_up.py, with the other steps of the first set-up",
    "accounts/set_up_workspace.html": "test_setting_up.py",
    "account/signup_closed.html": "no page leads there: people come by invitation",
}

STATES = (
    State("sign-in", ("account/login.html",), at("/sign-in"), "nobody"),
    State("sign-in-refused", ("account/login.html",), wrong_password, "nobody"),
    State("session-ended", ("account/login.html",), at("/sign-in?next=/chats&ended=1"), "nobody"),
    State("sign-out", ("account/logout.html",), at("/sign-out")),
    State("password-forgotten", ("account/password_reset.html",), at("/password/reset"), "nobody"),
    State("password-sent", ("account/password_reset_done.html",), at("/password/reset/sent"), "nobody"),
    State("password-new", ("account/password_reset_from_key.html",), reset, "nobody"),
    State("password-link-spent", ("account/password_reset_from_key.html",), at("/password/reset/a/b"), "nobody"),
    State("owner-link-spent", ("common/error.html",), refused(404, "/set-up?token=spent"), "nobody"),
    State("invitation", ("accounts/invitation.html",), invitation, "nobody"),
    State("invitation-of-old", ("accounts/invitation.html",), invitation_of_old, "nobody"),
    State("invitation-of-another", ("accounts/invitation.html",), invitation_of_another),
    State("invitation-spent", ("accounts/invitation_over.html",), refused(404, "/invitations/spent"), "nobody"),
    State("too-many", ("common/error.html",), too_many, "nobody"),
    State("forged", ("common/error.html",), forged, "nobody"),
    State("set-up-engine", ("web/set_up_engine.html",), at("/set-up/engine")),
    State("set-up-invite", ("accounts/set_up_invite.html",), at("/set-up/invite")),
    State("home", ("web/home.html",), at("/")),
    State("home-first", ("web/home.html",), at("/"), "member"),
    State("home-temporary", ("web/home.html",), at("/?temporary=1")),
    State("chat", ("chat/conversation.html",), chat("report"), brings="article.question"),
    State("chat-end", ("chat/conversation.html",), chat("report")),
    State("chat-writing", ("chat/conversation.html",), writing),
    State("chat-lost", ("chat/conversation.html",), lost, "cut off", brings="[data-lost]"),
    State("chat-unreached", ("chat/conversation.html",), unreached, "cut off"),
    State("chat-receipt", ("chat/conversation.html",), pressed("report", ".receipt-line")),
    State("chat-policy", ("chat/conversation.html",), pressed("report", ".policy-line button")),
    State("chat-menu", ("chat/conversation.html",), pressed("report", "[popovertarget=chat-menu]")),
    State("chat-stopped", ("chat/conversation.html",), chat("stopped")),
    State("chat-failed", ("chat/conversation.html",), failed),
    State("chat-edit", ("chat/conversation.html",), editing),
    State("chat-rename", ("chat/rename.html",), renaming),
    State("chat-rename-in-place", ("chat/conversation.html",), renaming_in_place),
    State("chat-branches", ("chat/conversation.html",), chat("branched")),
    State("chat-earlier", ("chat/conversation.html",), chat("many"), brings=".earlier"),
    State("chat-long", ("chat/conversation.html",), chat("long")),
    State("chat-hostile", ("chat/conversation.html",), chat("hostile")),
    State("chat-temporary", ("chat/conversation.html",), temporary),
    State("palette", ("web/chats.html",), palette),
    State("keys", ("web/chats.html",), keys),
    State("person-menu", ("web/chats.html",), person_menu, sizes=("wide",)),
    State("drawer", ("chat/conversation.html",), drawer, sizes=("phone",)),
    State("drawer-menu", ("chat/conversation.html",), menu_in_drawer, sizes=("phone",)),
    State("chats", ("web/chats.html",), at("/chats")),
    State("chats-none", ("web/chats.html",), at("/chats"), "member"),
    State("chats-archived", ("web/chats.html",), at("/chats?archived=1")),
    State("chats-archived-none", ("web/chats.html",), at("/chats?archived=1"), "member"),
    State("chat-deleted", ("web/home.html",), deleted),
    State("account", ("accounts/account.html",), at("/account")),
    State("password", ("accounts/password.html",), at("/account/password")),
    State("password-refused", ("accounts/password.html",), refused_password),
    State("tokens", ("accounts/tokens.html",), new_token),
    State("sessions", ("accounts/sessions.html",), at("/account/sessions")),
    State("members", ("accounts/members.html",), at("/members")),
    State("members-none", ("accounts/members.html",), at("/members?q=nobody-of-this-name")),
    State("members-forbidden", ("common/error.html",), refused(403, "/members"), "member"),
    State("member", ("accounts/member.html",), asked_to_confirm),
    State("invitations", ("accounts/invitations.html",), invited),
    State("workspace", ("accounts/workspace.html",), at("/workspace")),
    State("rules", ("accounts/rules.html",), weighed, brings="main .notice"),
    State("again", ("accounts/again.html",), at("/sign-in/again?next=/workspace/sign-in")),
    State("not-found", ("common/error.html",), refused(404, NOWHERE)),
    # The last two end what the member may do.
    State("member-deactivated", ("accounts/member.html",), deactivated),
    State("account-closed", ("account/account_inactive.html",), closed, "nobody"),
)
