"""The browsers that people are signed in with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID, uuid5

from django.contrib.auth import login
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from workspace.accounts import assurance
from workspace.accounts.assurance import Proof
from workspace.accounts.errors import CredentialRefused
from workspace.accounts.models import BrowserSession, User
from workspace.common import audit, revocation
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import NotFound

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
# A session's key is a secret; what stands in records is this name made from it.
_SESSIONS: Final = UUID("5b8f6c1e-8f0b-4d43-9d5e-0a6f0d1c7a52")


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request shows of the browser it comes from."""

    key: str = field(repr=False)
    agent: str
    address: str | None

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The address is the one that the web server vouches for: a trusted proxy's client, else whoever connected."""
        agent = request.headers.get("User-Agent", "").replace("\0", "")
        return cls(request.session.session_key or "", agent[:300], _address(request.META.get("REMOTE_ADDR", "")))

    @property
    def credential(self) -> UUID:
        """The name of its session in records."""
        return uuid5(_SESSIONS, self.key)


def _address(text: str) -> str | None:
    try:
        validate_ipv46_address(text)
    except ValidationError:
        return None
    return text


def sign_in(request: HttpRequest, user: User, proofs: Sequence[Proof]) -> None:
    """Begins a session of somebody who has proved who they are, and keeps which browser it was."""
    login(request, user, backend=BACKEND)
    keep(request, user, proofs)


def keep(request: HttpRequest, user: User, proofs: Sequence[Proof]) -> None:
    """Makes the row of a session that has just begun, or has changed its key, with all that was proved in it."""
    request.session.save()
    browser = Browser.of(request)
    with transaction.atomic():
        seen(user.id, browser)
        assurance.prove(browser.credential, proofs)


def seen(user: UUID, browser: Browser) -> None:
    """Notes that a browser was here just now.

    Raises:
        CredentialRefused: its session was ended while the request was on its way.
    """
    row = BrowserSession(
        id=browser.credential,
        session_id=browser.key,
        user_id=user,
        agent=browser.agent,
        address=browser.address,
        last_seen_at=Now(),
    )
    changed = ["agent", "address", "last_seen_at"]
    try:
        with transaction.atomic():
            BrowserSession.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["id"], update_fields=changed
            )
    except IntegrityError:
        raise CredentialRefused from None


def sessions_of(actor: Actor) -> list[BrowserSession]:
    """Where the actor is signed in, the latest seen first."""
    own = BrowserSession.objects.filter(user_id=actor.user, session__expire_date__gt=Now())
    return list(own.order_by("-last_seen_at", "id"))


def end_session(actor: Actor, session: UUID) -> None:
    """Signs the actor out of one browser; open streams end with it. What is being answered there is written on.

    Raises:
        NotFound: the actor has no such session.
    """
    if not _end(BrowserSession.objects.filter(id=session, user_id=actor.user)):
        raise NotFound
    audit.record(AuditEvent("session.end", actor, "session", session))


def end_other_sessions(actor: Actor) -> int:
    """Signs the actor out everywhere but here. Returns of how many browsers."""
    ended = end_sessions_of(actor.user, but=actor.credential)
    audit.record(AuditEvent("session.end_others", actor, "user", actor.user, {"sessions": ended}))
    return ended


def end_sessions_of(user: UUID, but: UUID | None = None) -> int:
    """Signs a person out of every browser, but for the session of this credential. Returns of how many."""
    rows = BrowserSession.objects.filter(user_id=user)
    return _end(rows.exclude(id=but) if but else rows)


def end_this(request: HttpRequest) -> None:
    """Ends the session of a request, for whoever signs out."""
    _end(BrowserSession.objects.filter(id=Browser.of(request).credential))


def _end(rows: "models.QuerySet[BrowserSession]") -> int:
    with transaction.atomic():
        found = dict(rows.values_list("id", "session_id"))
        Session.objects.filter(session_key__in=found.values()).delete()
        for credential in found:
            revocation.revoked(credential)
    return len(found)
