"""Who may do what: one table from role to capabilities, and one function that everybody asks."""

from enum import StrEnum
from typing import Protocol, cast
from uuid import UUID

from django.db import connection

from workspace.accounts import policies
from workspace.accounts.errors import CapabilityMissing, CredentialRefused, SignInTooWeak
from workspace.accounts.models import Membership, Role
from workspace.common.contracts import Actor
from workspace.common.errors import NotFound
from workspace.common.work import here

# The scope of a token that may do everything its person may.
EVERYTHING = "all"


# Each run asks it before it begins: see `queries._ADMITTED`.
_HOLDS = """
select exists (
    select from accounts_membership m join accounts_user u on u.id = m.user_id and u.is_active
    where m.user_id = %s and m.is_active),
  (select revoked_at is null and expires_at > statement_timestamp() from accounts_accesstoken where id = %s),
  coalesce((select required_level from accounts_authpolicy order by version desc limit 1), 1)
"""


class Capability(StrEnum):
    """What can be allowed. A token's scope is one of these, or "all"."""

    CHAT = "chat"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_WORKSPACE = "manage_workspace"
    READ_AUDIT = "read_audit"


CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.MEMBER: frozenset({Capability.CHAT}),
    Role.ADMIN: frozenset({Capability.CHAT, Capability.MANAGE_MEMBERS, Capability.READ_AUDIT}),
    Role.OWNER: frozenset(Capability),
}


class Owned(Protocol):
    """An object that belongs to one person."""

    @property
    def user_id(self) -> UUID: ...


def role_of(actor: Actor) -> Role | None:
    """The actor's role in the workspace of the open unit, asked once a unit; None when they have none any more."""
    known = here().known
    if ("role", actor.user) not in known:
        known["role", actor.user] = _role_now(actor.user)
    return cast("Role | None", known["role", actor.user])


def forget_role(actor: Actor) -> None:
    """The next question asks again, for whoever has locked the actor's membership since the last one."""
    here().known.pop(("role", actor.user), None)


def _role_now(user: UUID) -> Role | None:
    rows = Membership.objects.filter(user_id=user, is_active=True, user__is_active=True)
    found = list(rows.values_list("role", flat=True)[:1])
    return Role(found[0]) if found else None


def capabilities_of(actor: Actor) -> frozenset[Capability]:
    """What the actor may do: what the role allows, narrowed by the credential's scopes."""
    role = role_of(actor)
    return frozenset() if role is None else narrowed(CAPABILITIES[role], actor.scopes)


def narrowed(allowed: frozenset[Capability], scopes: frozenset[str]) -> frozenset[Capability]:
    """The capabilities that the scopes leave; "all" leaves every one."""
    return allowed if EVERYTHING in scopes else frozenset(c for c in allowed if c.value in scopes)


def require(actor: Actor, capability: Capability, owned: Owned | None = None) -> None:
    """Lets the actor pass, or raises. Runs in a unit of the actor's workspace.

    Raises:
        CapabilityMissing: the role or the credential's scopes do not include the capability.
        NotFound: the object is somebody else's, which is never told apart from "there is none".
    """
    if capability not in capabilities_of(actor):
        raise CapabilityMissing(params={"capability": capability.value})
    if owned is not None and owned.user_id != actor.user:
        raise NotFound


def still_present(actor: Actor) -> None:
    """Checks again whoever watches from outside: an open stream ends with the browser's session too.

    Raises:
        CredentialRefused: see `still_holds`; or the person signed out, here or from another device.
        AddressRefused, SignInTooOld, StepUpNeeded: the workspace asks for more by now, see `policies.check`.
    """
    if _is_of_token_that_holds(actor):
        return
    standing = policies.standing_of(actor.user, actor.credential)
    if standing is None or not standing.is_kept:
        raise CredentialRefused
    policies.check(standing, standing.address)


def still_holds(actor: Actor) -> None:
    """Checks again an actor that was authenticated earlier, for what was begun: person, membership, and the token that
    it was begun with. Who began it in a browser may have signed out since: their answer is written to the end, unless
    the workspace asks for a stronger sign-in by now than theirs was.

    Raises:
        CredentialRefused: one of them no longer holds.
        SignInTooWeak: see above.
    """
    _is_of_token_that_holds(actor)


def _is_of_token_that_holds(actor: Actor) -> bool:
    """False where the credential is no token but a session.

    Raises:
        CredentialRefused: see `still_holds`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS, [actor.user, actor.credential])
        is_member, token_holds, required_level = cursor.fetchone()
    if not is_member or token_holds is False:
        raise CredentialRefused
    if token_holds is None and actor.assurance < required_level:
        raise SignInTooWeak
    return token_holds is True
