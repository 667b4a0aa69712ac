"""Who is it? Questions asked before and inside a workspace."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from workspace.accounts.errors import CredentialRefused, NoSuchPerson, NoSuchWorkspace, OwnerLinkSpent
from workspace.accounts.models import AccessToken, OwnerLink, User, Workspace
from workspace.accounts.permissions import EVERYTHING, role_of
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


def every_workspace() -> dict[UUID, str]:
    """All workspaces with their names, for whoever runs the server; asked as atrium_sweep, outside of any unit."""
    return dict(Workspace.objects.using("sweep").values_list("id", "name"))


def workspace_named(text: str | None, among: Mapping[UUID, str]) -> UUID:
    """The workspace of this name or id; without a text the only one.

    Raises:
        NoSuchWorkspace: there is none, or more than one.
    """
    found = [id for id, name in among.items() if text in (None, name, str(id))]
    if len(found) != 1:
        raise NoSuchWorkspace
    return found[0]


def person_with(email: str) -> User:
    """The person with this address.

    Raises:
        NoSuchPerson: there is none.
    """
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise NoSuchPerson
    return found


def own_workspace(user: UUID, text: str | None) -> UUID:
    """The person's workspace of this name or id; without a text their first.

    Raises:
        NoSuchPerson: they belong to none.
        NoSuchWorkspace: not to this one.
    """
    own = workspaces_of(user)
    if not own:
        raise NoSuchPerson
    if text is None:
        return own[0]
    return workspace_named(text, {id: name for id, name in every_workspace().items() if id in own})


def has_owner() -> bool:
    """Whether any workspace has an owner; asked outside of any unit."""
    with connection.cursor() as cursor:
        cursor.execute("select lookup.has_owner()")
        return bool(cursor.fetchone()[0])


def check_owner_link(token: str) -> None:
    """Raises:
    OwnerLinkSpent: the link was used, is too old, or there is an owner.
    """
    if has_owner() or not OwnerLink.objects.filter(digest=digest(token), expires_at__gt=Now()).exists():
        raise OwnerLinkSpent


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
    if role_of(actor) is None:
        raise CredentialRefused
    return actor


def current_workspace() -> Workspace:
    """The workspace of the open unit."""
    return Workspace.objects.get(id=here().workspace)


def person(actor: Actor) -> User:
    """The actor's own account."""
    return User.objects.get(id=actor.user)
