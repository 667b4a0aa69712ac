"""The sidebar: a person's chats and what else the product leads to. Pages of every room show it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from workspace.accounts.permissions import Capability, capabilities_of
from workspace.accounts.queries import current_workspace
from workspace.common.contracts import Actor
from workspace.web import queries
from workspace.web.contracts import Group, KeySigns
from workspace.web.groups import grouped


def sidebar(request: HttpRequest, actor: Actor) -> SafeString:
    """Drawn into each page, so that it is there without JavaScript: three queries."""
    allowed = capabilities_of(actor)
    known = {
        "person": request.user,
        "initials": initials(getattr(request.user, "name", "") or getattr(request.user, "email", "")),
        "workspace": current_workspace(),
        "may_manage_members": Capability.MANAGE_MEMBERS in allowed,
        "keys": signs(request.headers.get("User-Agent", "")),
        "is_folded": request.COOKIES.get("atrium_sidebar") == "folded",
        "is_home": request.path == "/" and "temporary" not in request.GET,
    }
    shown = chats(actor) if Capability.CHAT in allowed else {"groups": []}
    return render_to_string("web/sidebar.html", known | shown | {"here": here(request)}, request)


def chats(actor: Actor) -> dict[str, Any]:
    """The chats in their groups, as `web/components/chat_groups.html` shows them."""
    shelf = queries.shelf(actor)
    pinned = [Group(gettext("Pinned"), shelf.pinned)] if shelf.pinned else []
    return {"groups": pinned + grouped(shelf.recent, timezone.localdate())}


def here(request: HttpRequest) -> str:
    """The id of the chat that the person looks at, or the path of another page: of a part of it, that of the whole."""
    whole = getattr(request, "htmx", None)
    path = whole.current_url_abs_path if whole else None
    return (path or request.path).partition("?")[0].removeprefix("/chats/")


def initials(name: str) -> str:
    """Up to two letters that stand for a person."""
    words = name.partition("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def signs(user_agent: str) -> KeySigns:
    """A Mac's keys have signs of their own."""
    if any(machine in user_agent for machine in ("Macintosh", "iPhone", "iPad")):
        return KeySigns("⌘", "⇧")
    return KeySigns(gettext("Ctrl"), gettext("Shift"))
