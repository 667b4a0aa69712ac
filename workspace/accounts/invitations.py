"""How colleagues come in: by a link that is sent to their address.

The link is made from the row and the secret key, so that the process that sends the mail can make it too, and nobody
else: a job carries an id alone, and the database holds no more than the link's SHA-256.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, gettext

from workspace.accounts import members, people, permissions, queries
from workspace.accounts.errors import (
    CapabilityMissing,
    InvitationForeign,
    InvitationOver,
    InvitationUnknown,
    MemberAlready,
)
from workspace.accounts.models import Invitation, Membership, Role, User
from workspace.accounts.permissions import Capability
from workspace.accounts.queries import digest
from workspace.common import audit, jobs
from workspace.common.addresses import absolute
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import Conflict, NotFound
from workspace.common.work import unit_found

MAIL_INVITATION: Final = "accounts.mail_invitation"
LIFE: Final = timedelta(days=7)
_OPEN: Final = Q(accepted_at=None, revoked_at=None)


class State(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Shown:
    """What whoever holds the link is told: who invited which address, to what, and as what."""

    email: str
    role: Role
    workspace: str
    invited_by: str
    state: State


def link_of(invitation: Invitation) -> str:
    """The address that the invitation is accepted at."""
    return absolute(reverse("invitation", args=[_token(invitation)]))


def _token(invitation: Invitation) -> str:
    made = salted_hmac("accounts.invitation", f"{invitation.id}.{invitation.serial}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def roles_to_give(actor: Actor) -> list[Role]:
    """As what the actor may invite somebody."""
    mine = permissions.role_of(actor)
    return [role for role in Role if members.may_change(mine, role)]


def invite(actor: Actor, email: str, role: Role) -> Invitation:
    """Invites an address to the workspace of the open unit, and has it told by mail. Whoever is invited already gets a
    new link, and the old one ends. Whether there is an account with this address elsewhere makes no difference.

    Raises:
        CapabilityMissing: the actor may not manage members, or not give this role.
        Invalid: it is no address.
        MemberAlready: a member has this address, or one who was shut out.
        Conflict: the invitation that was there ended at this moment.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    if role not in roles_to_give(actor):
        raise CapabilityMissing
    row = Invitation(email=email.strip().lower(), role=role, invited_by_id=actor.user)
    people.check_fields(row, exclude={field.name for field in row._meta.fields} - {"email"})
    if Membership.objects.filter(user__email=row.email).exists():
        raise MemberAlready
    try:
        with transaction.atomic():
            return _sent(actor, row, "invitation.create")
    except IntegrityError:
        found = Invitation.objects.select_for_update().filter(_OPEN, email=row.email).first()
    if found is None:
        raise Conflict(gettext("The invitation was just answered or taken back. Try again."))
    _may_change(actor, found)
    found.role, found.serial = role, found.serial + 1
    return _sent(actor, found, "invitation.resend")


def resend(actor: Actor, invitation: UUID) -> Invitation:
    """Sends an open invitation again, for another seven days; the link before it ends.

    Raises:
        CapabilityMissing: the actor may not manage members, or not give its role.
        NotFound: there is no such open invitation.
    """
    found = _to_be_changed(actor, invitation)
    found.serial += 1
    return _sent(actor, found, "invitation.resend")


def revoke_invitation(actor: Actor, invitation: UUID) -> None:
    """Takes an open invitation back.

    Raises:
        CapabilityMissing, NotFound: as in `resend`.
    """
    found = _to_be_changed(actor, invitation)
    Invitation.objects.filter(id=found.id).update(revoked_at=Now())
    audit.record(AuditEvent("invitation.revoke", actor, "invitation", found.id))


def pending(actor: Actor) -> list[Invitation]:
    """The open invitations, newest first, each with whether it `is_over` (too old), and who invited.

    Raises:
        CapabilityMissing: the actor may not manage members.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    return list(_timed().filter(_OPEN).select_related("invited_by").order_by("-created_at", "id"))


def _timed() -> "QuerySet[Invitation]":
    """With whether each `is_over`, by the database's clock."""
    return Invitation.objects.annotate(is_over=ExpressionWrapper(Q(expires_at__lte=Now()), BooleanField()))


def _sent(actor: Actor, row: Invitation, action: str) -> Invitation:
    row.digest, row.expires_at = digest(_token(row)), Now() + LIFE
    row.mailed_at, row.language = None, get_language() or ""
    row.save()
    details: dict[str, str | int | bool] = {"role": str(row.role), "serial": row.serial}
    audit.record(AuditEvent(action, actor, "invitation", row.id, details))
    jobs.enqueue(MAIL_INVITATION, row.id)
    return row


def _to_be_changed(actor: Actor, invitation: UUID) -> Invitation:
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    found = Invitation.objects.select_for_update().filter(_OPEN, id=invitation).first()
    if found is None:
        raise NotFound
    _may_change(actor, found)
    return found


def _may_change(actor: Actor, invitation: Invitation) -> None:
    if Role(invitation.role) not in roles_to_give(actor):
        raise CapabilityMissing


def look(token: str) -> Shown:
    """What the link of an invitation says, for whoever holds it.

    Raises:
        InvitationUnknown: there is none with this link.
    """
    with _found(token) as row:
        by = row.invited_by
        workspace = queries.current_workspace().name
        state = _state(row)
        if state is State.OPEN and not _is_vouched(row):
            state = State.REVOKED
        return Shown(row.email, Role(row.role), workspace, by.name or by.email, state)


def accept_as_new(token: str, name: str, password: str) -> User:
    """Makes the account of whoever was invited, and lets them in: of two at once, one.

    Raises:
        InvitationUnknown, InvitationOver: see `accept`.
        EmailTaken: there is an account with this address, which is to accept it.
        Invalid: the password is too short or too common, or the name too long.
    """
    with _open(token) as row:
        user = people.checked_person(row.email, password, name)
        user.language = get_language() or ""
        _accepted(row, people.keep(user))
        return user


def accept(token: str, user: User) -> UUID:
    """Lets somebody who has an account into the workspace, which is returned.

    Raises:
        InvitationUnknown: there is none with this link.
        InvitationOver: it was accepted or taken back, is too old, or the person was shut out.
        InvitationForeign: it is for another address.
    """
    with _open(token) as row:
        if row.email != user.email:
            raise InvitationForeign
        _accepted(row, user)
        return row.workspace_id


@contextmanager
def _found(token: str, *, for_change: bool = False) -> Iterator[Invitation]:
    """A unit of the workspace, and the invitation in it."""
    with unit_found("lookup.invitation", digest(token)) as context:
        if context is None:
            raise InvitationUnknown
        rows = _timed().select_related("invited_by")
        yield (rows.select_for_update(of=("self",)) if for_change else rows).get(digest=digest(token))


@contextmanager
def _open(token: str) -> Iterator[Invitation]:
    with _found(token, for_change=True) as row:
        if _state(row) is not State.OPEN or not _is_vouched(row):
            raise InvitationOver
        yield row


def _is_vouched(row: Invitation) -> bool:
    """Whether who invited may still do it. Locked, so that nobody who is being shut out lets somebody in meanwhile."""
    inviter = Membership.objects.select_for_update().filter(user_id=row.invited_by_id, is_active=True)
    role = inviter.values_list("role", flat=True).first()
    return role is not None and row.invited_by.is_active and members.may_change(Role(role), Role(row.role))


def _state(row: Invitation) -> State:
    if row.accepted_at:
        return State.ACCEPTED
    if row.revoked_at:
        return State.REVOKED
    return State.EXPIRED if getattr(row, "is_over", False) else State.OPEN


def _accepted(row: Invitation, user: User) -> None:
    """Who became a member in the meantime stays what they are; who was shut out stays outside."""
    belongs = Membership.objects.filter(user=user).values_list("is_active", flat=True).first()
    if belongs is False:
        raise InvitationOver
    if belongs is None:
        people.join(user, Role(row.role))
    Invitation.objects.filter(id=row.id).update(accepted_at=Now())
    details = {"role": str(row.role), "user": str(user.id)}
    audit.record(AuditEvent("invitation.accept", None, "invitation", row.id, details))
