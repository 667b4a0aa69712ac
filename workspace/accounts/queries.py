"""Who is it? Questions asked before and inside a workspace."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from workspace.accounts.errors import CredentialRefused
from workspace.accounts.models import AccessToken, User, Workspace
from workspace.accounts.permissions import EVERYTHING, still_holds
from workspace.common.contracts import Actor, Assurance, Surface
from workspace.common.work import here, unit

# By which scanners of leaked secrets know one of ours.
TOKEN_PREFIX = "atr_"  # noqa: S105 - not a secret


def digest(token: str) -> bytes:
    """What is kept of a token: SHA-256. Its 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def tenant_of_token(token: str) -> tuple[UUID, UUID]:
    """The workspace and the person of a token, whether or not it still holds; asked outside of any unit.

    Raises:
        CredentialRefused: there is no such token.
    """
    with connection.cursor() as cursor:
        cursor.execute("select workspace_id, user_id from lookup.access_token(%s)", [digest(token)])
        row = cursor.fetchone()
    if row is None:
        raise CredentialRefused
    return row[0], row[1]


def actor_of_token(token: str) -> Actor:
    """The actor behind a token.

    Raises:
        CredentialRefused: unknown, expired or revoked, or its person may not enter any more.
    """
    workspace, user = tenant_of_token(token)
    with unit(workspace, user):
        row = AccessToken.objects.filter(digest=digest(token), revoked_at=None, expires_at__gt=Now()).first()
        if row is None:
            raise CredentialRefused
        return _admitted(user, row.id, frozenset(row.scopes))


def workspaces_of(user: UUID) -> list[UUID]:
    """The workspaces that a person may enter, oldest membership first; asked outside of any unit."""
    with connection.cursor() as cursor:
        cursor.execute("select workspace_id from lookup.workspaces_of(%s)", [user])
        return [row[0] for row in cursor.fetchall()]


def actor_of_session(user: UUID, session: UUID, active: UUID | None = None) -> Actor:
    """The actor behind a browser session: in the workspace that it has chosen, or in the person's first.

    Raises:
        CredentialRefused: the person belongs to no workspace, or not to this one.
    """
    allowed = workspaces_of(user)
    workspace = active or (allowed[0] if allowed else None)
    if workspace not in allowed or workspace is None:
        raise CredentialRefused
    with unit(workspace, user):
        return _admitted(user, session, frozenset({EVERYTHING}))


def _admitted(user: UUID, credential: UUID, scopes: frozenset[str]) -> Actor:
    actor = Actor(
        workspace=here().workspace,
        user=user,
        credential=credential,
        scopes=scopes,
        surface=Surface(current_workspace().kind),
        assurance=Assurance.LEVEL_1,
        epoch=here().epoch,
        authenticated_at=datetime.now(UTC),
    )
    still_holds(actor)
    return actor


def current_workspace() -> Workspace:
    """The workspace of the open unit."""
    return Workspace.objects.get(id=here().workspace)


def person(actor: Actor) -> User:
    """The actor's own account."""
    return User.objects.get(id=actor.user)
