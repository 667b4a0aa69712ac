"""Who belongs to a workspace, and as what."""

from typing import Final
from uuid import UUID

from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, Now, NullIf
from django.utils.translation import gettext

from workspace.accounts import permissions, queries, rights, sessions
from workspace.accounts.errors import CapabilityMissing
from workspace.accounts.models import AccessToken, Membership, Role
from workspace.accounts.permissions import Capability
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import Conflict, NotFound
from workspace.common.pagination import Order, Page, PageQuery, page

PAGE: Final = 50


def members(actor: Actor, search: str = "", cursor: str | None = None) -> Page[Membership]:
    """Fifty members by name, each with the person. `search` is a part of the name or the address.

    Raises:
        CapabilityMissing: the actor may not manage members.
        Invalid: the cursor is not of this list.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    named = Lower(Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField()))
    found = _everybody().filter(Q(user__name__icontains=search) | Q(user__email__icontains=search))
    order = Order(f"members {search}", ("sorted_by", "id"))
    return page(found.annotate(sorted_by=named), order, PageQuery(limit=PAGE, cursor=cursor))


def member(actor: Actor, user: UUID) -> Membership:
    """One member with the person, and `tokens`: how many access tokens of theirs still hold.

    Raises:
        CapabilityMissing: the actor may not manage members.
        NotFound: nobody of this workspace.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    holding = AccessToken.objects.filter(user_id=OuterRef("user_id"), revoked_at=None, expires_at__gt=Now()).order_by()
    tokens = holding.values("user_id").annotate(number=Count("id")).values("number")
    found = _everybody().annotate(tokens=Coalesce(Subquery(tokens), 0)).filter(user_id=user).first()
    if found is None:
        raise NotFound
    return found


def _everybody() -> "QuerySet[Membership]":
    return Membership.objects.select_related("user")


def may_change(mine: Role | None, theirs: Role) -> bool:
    """Whether a role may give and take another: an owner any, an admin all but an owner's."""
    return mine == Role.OWNER or (mine == Role.ADMIN and theirs != Role.OWNER)


def change_role(actor: Actor, user: UUID, role: Role) -> None:
    """Makes an active member something else.

    Raises:
        CapabilityMissing: the actor may not manage members, or one of the two roles is not theirs to give or take.
        NotFound: there is no such active member.
        Conflict: it is the actor.
    """
    found = _to_be_changed(actor, user)
    if not found.is_active:
        raise NotFound
    if not may_change(permissions.role_of(actor), role):
        raise CapabilityMissing
    if found.role == role:
        return
    Membership.objects.filter(id=found.id).update(role=role)
    details = {"role": role.value, "was": found.role}
    audit.record(AuditEvent("member.change_role", actor, "user", user, details))
    rights.changed(user)


def deactivate_member(actor: Actor, user: UUID) -> None:
    """Shuts a person out of the workspace at once; what they wrote stays. Who belongs to no other is signed out.

    Raises:
        CapabilityMissing, Conflict: as in `change_role`.
        NotFound: there is no such active member.
    """
    found = _to_be_changed(actor, user)
    if not found.is_active:
        raise NotFound
    Membership.objects.filter(id=found.id).update(is_active=False)
    audit.record(AuditEvent("member.deactivate", actor, "user", user))
    if not queries.workspaces_of(user):
        sessions.end_sessions_of(user)
    rights.changed(user)


def reactivate_member(actor: Actor, user: UUID) -> None:
    """Lets a person in again as what they were, their access tokens too. Twice is no error.

    Raises:
        CapabilityMissing, Conflict: as in `change_role`.
        NotFound: there is no such member.
    """
    found = _to_be_changed(actor, user)
    if found.is_active:
        return
    Membership.objects.filter(id=found.id).update(is_active=True)
    audit.record(AuditEvent("member.reactivate", actor, "user", user))
    rights.changed(user)


def _to_be_changed(actor: Actor, user: UUID) -> Membership:
    """The membership, locked together with the actor's own: of two who take each other's rights at the same time, the
    second finds that theirs are gone. So a workspace keeps an owner: only an owner takes an owner's, and never their
    own.

    Raises:
        CapabilityMissing, NotFound, Conflict: see `change_role`.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    rows = Membership.objects.select_for_update().filter(user_id__in=[actor.user, user]).order_by("id")
    locked = {row.user_id: row for row in rows}
    permissions.forget_role(actor)
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    if user not in locked:
        raise NotFound
    if user == actor.user:
        said = gettext("Somebody else has to change your own membership: a workspace keeps at least one owner.")
        raise Conflict(said)
    if not may_change(permissions.role_of(actor), Role(locked[user].role)):
        raise CapabilityMissing
    return locked[user]
