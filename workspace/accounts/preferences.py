"""How somebody wants the pages: a person's choice is in their account, a visitor's in cookies."""

import zoneinfo
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from workspace.accounts.models import Language, Theme

LANGUAGE_COOKIE: Final = settings.LANGUAGE_COOKIE_NAME
THEME_COOKIE: Final = "atrium_theme"
_COOKIE_LIFE: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """An empty language is what the browser asks for, an empty time zone UTC."""

    language: str = Language.BROWSER.value
    theme: str = Theme.SYSTEM.value
    time_zone: str = ""

    def follow(self) -> None:
        """From now on this request's words and times are as wanted. Django has chosen a visitor's language already."""
        if self.language:
            translation.activate(self.language)
        timezone.activate(zone(self.time_zone))


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of a name; UTC for none, or for one that this machine no longer knows."""
    return zoneinfo.ZoneInfo(name if name in zones() else "UTC")


@cache
def zones() -> frozenset[str]:
    """The names of all time zones that this machine knows."""
    return frozenset(zoneinfo.available_timezones())


@cache
def places() -> tuple[str, ...]:
    """The time zones that a person is offered: those that are named after a place, and UTC."""
    parts = {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
    return ("UTC", *sorted(name for name in zones() if name.partition("/")[0] in parts))


def zone_named(said: str) -> str | None:
    """The time zone that somebody means by its name or by its city alone, in any case and with blanks."""
    name = said.strip().replace(" ", "_").lower()
    meant = (zone for zone in places() if name in (zone.lower(), zone.rpartition("/")[2].lower()))
    return said if said in zones() else next(meant, None)


def preferences_of(request: HttpRequest) -> Preferences:
    """What whoever sends this request wants. It asks the database nothing that the view behind it does not ask too,
    and for a browser that was never signed in nothing at all. While the database is away everybody is a visitor.
    """
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    visitor = Preferences(theme=chosen if chosen in Theme.values else Theme.SYSTEM.value)
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return visitor
    try:
        if not request.user.is_authenticated:
            return visitor
        return Preferences(request.user.language, request.user.theme, request.user.time_zone)
    except Error:
        return visitor


def remember(response: HttpResponseBase, language: str | None = None, theme: str | None = None) -> None:
    """Lets the browser keep what was chosen, so that the pages before sign-in follow it too."""
    for name, value in ((LANGUAGE_COOKIE, language), (THEME_COOKIE, theme)):
        if value:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(name, value, _COOKIE_LIFE, secure=secure, httponly=True, samesite="Lax")
        elif value is not None:
            response.delete_cookie(name, samesite="Lax")


def shown_theme(request: HttpRequest) -> dict[str, str]:
    """What templates know as `theme`."""
    return {"theme": getattr(request, "preferences", Preferences()).theme}
