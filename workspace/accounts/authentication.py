"""Who sends this request: the access token or the browser session that it shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from workspace.accounts import policies, queries, sessions, tokens
from workspace.accounts.policies import Standing
from workspace.accounts.sessions import Browser
from workspace.common.contracts import Actor, Credential
from workspace.common.errors import Unauthenticated

ACTIVE_WORKSPACE: Final = "workspace"


@dataclass(frozen=True, slots=True)
class TokenShown:
    """An access token that a request carries."""

    token: str = field(repr=False)

    @contextmanager
    def entered(self) -> Iterator[Actor]:
        """See `queries.entered_by_token`. The token counts as used."""
        with queries.entered_by_token(self.token) as actor:
            if not queries.used_lately(actor):
                tokens.used(actor.credential)
            yield actor


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A browser's session that somebody signed in to."""

    user: UUID
    browser: Browser
    active: UUID | None

    @contextmanager
    def entered(self) -> Iterator[Actor]:
        """See `queries.entered_by_session`. The browser counts as seen.

        Raises:
            AddressRefused, SignInTooOld, StepUpNeeded: see `policies.check`.
        """
        with self.entered_to_prove() as (actor, standing):
            policies.check(standing, self.browser.address)
            yield actor

    @contextmanager
    def entered_to_prove(self) -> Iterator[tuple[Actor, Standing]]:
        """The same for the pages where somebody proves more: whether they stand high enough is not asked."""
        with queries.entered_by_session(self.user, self.browser.credential, self.active) as (actor, standing):
            if not queries.used_lately(actor):
                sessions.seen(self.user, self.browser)
            yield actor, standing


def shown_by(request: HttpRequest) -> Credential:
    """The credential of a request: its token, or else its session. It is not checked before it is entered.

    It does not look at the CSRF token: what changes something by a session goes through views that do.

    Raises:
        Unauthenticated: the request carries neither.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return TokenShown(token.strip())
    session = session_shown_by(request)
    if session is None:
        raise Unauthenticated
    return session


def session_shown_by(request: HttpRequest) -> SessionShown | None:
    """The browser session of a request, if somebody signed in to it; a token beside it counts for nothing."""
    if not request.user.is_authenticated:
        return None
    chosen = request.session.get(ACTIVE_WORKSPACE)
    return SessionShown(request.user.id, Browser.of(request), UUID(chosen) if chosen else None)


class Credentials(BaseAuthentication):
    """Django REST framework's door: `request.auth` is the credential. A session needs its CSRF token to change."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Credential] | None:
        asked: HttpRequest = request._request  # noqa: SLF001 - the framework's own authenticators read it
        try:
            shown = shown_by(asked)
        except Unauthenticated:
            return None
        if isinstance(shown, SessionShown):
            SessionAuthentication().enforce_csrf(request)
        return AnonymousUser(), shown


class CredentialsDescribed(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description tells about `Credentials`."""

    target_class = Credentials
    name = ["token", "session"]

    def get_security_requirement(self, auto_schema: object) -> list[dict[str, list[str]]]:
        """One of the two."""
        return [{"token": []}, {"session": []}]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        """An access token, or a signed-in browser."""
        session = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        return [{"type": "http", "scheme": "bearer"}, session]
