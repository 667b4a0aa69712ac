"""Who sends this request: an access token or a browser session, turned into an Actor."""

from typing import Final, cast
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from workspace.accounts import queries
from workspace.accounts.models import User
from workspace.common.contracts import Actor
from workspace.common.errors import Unauthenticated

# A session's key is a secret; what stands in records is this name made from it.
SESSIONS: Final = UUID("5b8f6c1e-8f0b-4d43-9d5e-0a6f0d1c7a52")
ACTIVE_WORKSPACE: Final = "workspace"


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind a request, by its token or else its session. Blocks: async views call it in `work.outside`.

    It does not look at the CSRF token: what changes something by a session goes through views that do.

    Raises:
        Unauthenticated: neither is there, or it no longer holds.
    """
    token = bearer(request)
    if token is not None:
        return queries.actor_of_token(token)
    if not request.user.is_authenticated:
        raise Unauthenticated
    return _actor_of_session(request)


def bearer(request: HttpRequest) -> str | None:
    """The token of `Authorization: Bearer ...`; None when the request carries no such header."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _actor_of_session(request: HttpRequest) -> Actor:
    chosen, person = request.session.get(ACTIVE_WORKSPACE), cast("User", request.user).id
    session = uuid5(SESSIONS, request.session.session_key or "")
    return queries.actor_of_session(person, session, UUID(chosen) if chosen else None)


class Credentials(BaseAuthentication):
    """Django REST framework's door: `request.auth` is the actor. A session needs its CSRF token to change things."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Actor] | None:
        asked: HttpRequest = request._request  # noqa: SLF001 - the framework's own authenticators read it
        if bearer(asked) is not None:
            return AnonymousUser(), actor_of(asked)
        if not asked.user.is_authenticated:
            return None
        SessionAuthentication().enforce_csrf(request)
        return asked.user, actor_of(asked)


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
