"""Who is it? Questions asked before and inside a workspace."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from workspace.accounts import policies
from workspace.accounts.errors import CredentialRefused, NoSuchPerson, NoSuchWorkspace, OwnerLinkSpent
from workspace.accounts.models import OwnerLink, Role, User, Workspace
from workspace.accounts.permissions import EVERYTHING
from workspace.accounts.policies import Standing
from workspace.common.contracts import Actor, Assurance, Surface
from workspace.common.work import Context, here, unit, unit_found

# By which scanners of leaked secrets know one of ours.
TOKEN_PREFIX = "atr_"  # noqa: S105 - not a secret


# Between two notes of when a credential was last used.
LATELY = timedelta(minutes=1)


# Every request and stream asks it, and the ORM takes three times as long to say it as PostgreSQL to answer.
_ADMITTED = """
select t.id, array(select jsonb_array_elements_text(t.scopes)), m.role, w.kind,
  t.last_used_at > statement_timestamp() - %s * interval '1 s'
from accounts_accesstoken t
join accounts_user u on u.id = t.user_id and u.is_active
join accounts_membership m on m.user_id = t.user_id and m.workspace_id = t.workspace_id and m.is_active
join accounts_workspace w on w.id = t.workspace_id
where t.digest = %s and t.revoked_at is null and t.expires_at > statement_timestamp()
"""


def digest(token: str) -> bytes:
    """What is kept of a token: SHA-256. Its 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


@contextmanager
def entered_by_token(token: str) -> Iterator[Actor]:
    """A unit of the workspace that a token is for, and the actor behind it, admitted in the same transaction.

    Raises:
        CredentialRefused: unknown, expired or revoked, or its person may not enter any more.
    """
    with unit_found("lookup.access_token", digest(token)) as context:
        if context is None:
            raise CredentialRefused
        yield admitted(context, token)


def admitted(context: Context, token: str) -> Actor:
    """The actor behind a token, in the open unit of its workspace and person.

    Raises:
        CredentialRefused: see `entered_by_token`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADMITTED, [LATELY.total_seconds(), digest(token)])
        found = cursor.fetchone()
    if found is None:
        raise CredentialRefused
    credential, scopes, role, surface, is_lately = found
    context.known["lately", credential] = is_lately
    return _actor(context, Role(role), Surface(surface), (credential, frozenset(scopes)))


def workspaces_of(user: UUID) -> list[UUID]:
    """The workspaces that a person may enter, oldest membership first; asked outside of any unit."""
    with connection.cursor() as cursor:
        cursor.execute("select workspace_id from lookup.workspaces_of(%s)", [user])
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def entered_by_session(user: UUID, session: UUID, active: UUID | None = None) -> Iterator[tuple[Actor, Standing]]:
    """A unit of the workspace that a browser session has chosen, the actor behind it and how they stand there: whether
    that is enough is not checked yet (`policies.check`). Where none was chosen, or the person was shut out of it, their
    first.

    Raises:
        CredentialRefused: the person belongs to no workspace.
    """
    allowed = workspaces_of(user)
    workspace = active if active in allowed else next(iter(allowed), None)
    if workspace is None:
        raise CredentialRefused
    with unit(workspace, user) as context:
        standing = policies.standing_of(user, session, LATELY.total_seconds())
        if standing is None:
            raise CredentialRefused
        context.known["lately", session] = standing.is_lately
        actor = _actor(context, Role(standing.role), Surface(standing.surface), (session, frozenset({EVERYTHING})))
        yield replace(actor, assurance=standing.level, authenticated_at=standing.proved_at), standing


def used_lately(actor: Actor) -> bool:
    """Whether the credential by which this unit was entered was noted as used a short while ago."""
    return bool(here().known.get(("lately", actor.credential)))


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


def _actor(context: Context, role: Role, surface: Surface, shown: tuple[UUID, frozenset[str]]) -> Actor:
    """The actor that was found to be a member; `shown` is the credential's id and its scopes."""
    if context.user is None:
        raise CredentialRefused
    context.known["role", context.user] = role
    return Actor(
        workspace=context.workspace,
        user=context.user,
        credential=shown[0],
        scopes=shown[1],
        surface=surface,
        assurance=Assurance.LEVEL_1,
        epoch=context.epoch,
        authenticated_at=datetime.now(UTC),
    )


def current_workspace() -> Workspace:
    """The workspace of the open unit."""
    return Workspace.objects.get(id=here().workspace)


def person(actor: Actor) -> User:
    """The actor's own account."""
    return User.objects.get(id=actor.user)
