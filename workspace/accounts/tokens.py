"""Access tokens: how programs come in for a person."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from workspace.accounts import rights
from workspace.accounts.models import AccessToken
from workspace.accounts.permissions import EVERYTHING, Capability
from workspace.accounts.queries import TOKEN_PREFIX, digest
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import FieldError, Invalid, NotFound

MAX_DAYS: Final = 366
SCOPES: Final = (EVERYTHING, *(capability.value for capability in Capability))


def tokens_of(actor: Actor) -> list[AccessToken]:
    """The actor's own tokens in this workspace that were not revoked, the newest first; `is_over` of an expired one."""
    own = AccessToken.objects.filter(user_id=actor.user, revoked_at=None)
    is_over = ExpressionWrapper(Q(expires_at__lte=Now()), BooleanField())
    return list(own.annotate(is_over=is_over).order_by("-created_at", "id"))


def create_token(
    user: UUID, name: str, *, scopes: Collection[str] = (EVERYTHING,), days: int = 90, by: Actor | None = None
) -> str:
    """Makes an access token of the open unit's workspace and returns it: the only time that it can be seen.

    `by` is the person themselves; without, whoever runs the server.

    Raises:
        Invalid: an unknown scope or none, a life of no or more than 366 days, or a name that is empty or too long.
    """
    problems = []
    if not scopes or set(scopes) - set(SCOPES):
        problems.append(FieldError("scopes", "unknown_scope", f"Scopes are: {', '.join(sorted(SCOPES))}."))
    if not 1 <= days <= MAX_DAYS:
        problems.append(FieldError("days", "out_of_range", f"A token lives 1 to {MAX_DAYS} days."))
    if not 1 <= len(name) <= 100:
        problems.append(FieldError("name", "out_of_range", "A name has 1 to 100 characters."))
    if problems:
        raise Invalid(errors=tuple(problems))
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = AccessToken.objects.create(
        user_id=user,
        name=name,
        digest=digest(token),
        scopes=sorted(set(scopes)),
        expires_at=Now() + timedelta(days=days),
    )
    audit.record(AuditEvent("token.create", by, "access_token", row.id, {"user": str(user), "days": days}))
    return token


def used(token: UUID) -> None:
    """Notes that a token was used just now."""
    AccessToken.objects.filter(id=token).update(last_used_at=Now())


def revoke_token(actor: Actor, token: UUID) -> None:
    """Ends one of the actor's own tokens, with everything that was opened with it. Ending it twice is no error.

    Raises:
        NotFound: the actor has no such token.
    """
    found = AccessToken.objects.filter(id=token, user_id=actor.user)
    if not found.exists():
        raise NotFound
    if found.filter(revoked_at=None).update(revoked_at=Now()):
        audit.record(AuditEvent("token.revoke", actor, "access_token", token))
        rights.changed(token)


def revoke_tokens_named(user: UUID, name: str) -> None:
    """Ends every token of this name that a person has in the open unit's workspace, for whoever runs the server.

    Raises:
        NotFound: there is none that still holds.
    """
    found = AccessToken.objects.filter(user_id=user, name=name, revoked_at=None)
    ids = list(found.values_list("id", flat=True))
    if not ids:
        raise NotFound
    found.update(revoked_at=Now())
    for token in ids:
        audit.record(AuditEvent("token.revoke", None, "access_token", token))
        rights.changed(token)
