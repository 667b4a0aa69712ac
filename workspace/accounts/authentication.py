"""Who sends this request: the access token or the browser session that it shows."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from workspace.accounts import queries
from workspace.common.contracts import Actor, Credential
from workspace.common.errors import Unauthenticated

# A session's key is a secret; what stands in records is this name made from it.
SESSIONS: Final = UUID("5b8f6c1e-8f0b-4d43-9d5e-0a6f0d1c7a52")
ACTIVE_WORKSPACE: Final = "workspace"


@dataclass(frozen=True, slots=True)
class TokenShown:
    """An access token that a request carries."""

    token: str = field(repr=False)

    def entered(self) -> AbstractContextManager[Actor]:
        """See `queries.entered_by_token`."""
        return queries.entered_by_token(self.token)


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A browser's session that somebody signed in to."""

    user: UUID
    session: UUID
    active: UUID | None

    def entered(self) -> AbstractContextManager[Actor]:
        """See `queries.entered_by_session`."""
        return queries.entered_by_session(self.user, self.session, self.active)


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
    session = uuid5(SESSIONS, request.session.session_key or "")
    return SessionShown(request.user.id, session, UUID(chosen) if chosen else None)


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
