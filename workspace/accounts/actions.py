"""Everything that changes people, workspaces and credentials."""

import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from workspace.accounts import permissions, queries
from workspace.accounts.errors import EmailTaken, OwnerLinkSpent
from workspace.accounts.models import AccessToken, Membership, OwnerLink, Role, User, Workspace
from workspace.accounts.permissions import EVERYTHING, Capability
from workspace.accounts.queries import TOKEN_PREFIX, digest
from workspace.common import audit, keys, revocation
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor, KeyOwner
from workspace.common.errors import Conflict, FieldError, Invalid, NotFound
from workspace.common.work import founding, here, unit

MAX_TOKEN_DAYS = 366
OWNER_LINK_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Founder:
    """What is asked of somebody who starts a workspace."""

    email: str
    password: str = field(repr=False)
    workspace: str
    name: str = ""


def _new_user(email: str, password: str, name: str) -> User:
    """Raises:
    EmailTaken: there is such a person.
    Invalid: the password is too short or too common, or the address is none.
    """
    user = User(email=email.strip().lower(), name=name)
    _check_fields(user, exclude=["password"])
    try:
        validate_password(password, user)
    except ValidationError as error:
        found = tuple(FieldError("password", str(e.code), e.messages[0]) for e in error.error_list)
        raise Invalid("Choose another password.", errors=found) from None
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise EmailTaken from None
    # The address was given by whoever runs the server, or proved by the invitation that was sent to it.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _check_fields(
    row: User | Workspace, *, exclude: Collection[str] = (), told_as: Mapping[str, str] | None = None
) -> None:
    """Raises:
    Invalid: a value does not fit its column.
    """
    try:
        row.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        names = told_as or {}
        faults = [(names.get(name, name), fault) for name, found in error.error_dict.items() for fault in found]
        told = tuple(FieldError(name, str(fault.code), fault.messages[0]) for name, fault in faults)
        raise Invalid(errors=told) from None


def _join(user: User, role: Role) -> None:
    keys.create(KeyOwner.USER, user.id)
    Membership.objects.create(user=user, role=role)


def create_owner(email: str, password: str, workspace_name: str, *, name: str = "") -> tuple[User, UUID]:
    """Makes a person and a workspace that they own, with its keys; outside of any unit, for whoever runs the server.

    Raises:
        EmailTaken: there is such a person.
        Invalid: the password is too short or too common.
    """
    workspace = uuid.uuid4()
    with founding(workspace):
        return _found(Founder(email, password, workspace_name, name)), workspace


def _found(founder: Founder) -> User:
    """The first rows of the workspace of the open unit."""
    workspace = Workspace(id=here().workspace, name=founder.workspace)
    _check_fields(workspace, told_as={"name": "workspace"})
    user = _new_user(founder.email, founder.password, founder.name)
    workspace.save(force_insert=True)
    keys.create_workspace_key()
    keys.create(KeyOwner.WORKSPACE, workspace.id)
    _join(user, Role.OWNER)
    audit.record(AuditEvent("workspace.create", None, "workspace", workspace.id))
    return user


def create_owner_link() -> str | None:
    """Makes the link by which the first owner gets in, and ends earlier ones. None once there is an owner."""
    if queries.has_owner():
        return None
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        OwnerLink.objects.all().delete()
        OwnerLink.objects.create(digest=digest(token), expires_at=Now() + OWNER_LINK_LIFE)
    return f"/set-up?token={token}"


def claim_ownership(token: str, founder: Founder) -> User:
    """Makes the first owner and their workspace, and ends the link: of two at once, one gets it.

    Raises:
        OwnerLinkSpent: the link was used, is too old, or there is an owner.
        EmailTaken, Invalid: as in `create_owner`; the link stays.
    """
    with founding(uuid.uuid4()):
        queries.check_owner_link(token)
        if not OwnerLink.objects.filter(digest=digest(token)).delete()[0]:
            raise OwnerLinkSpent
        return _found(founder)


def create_user(workspace: UUID, email: str, password: str, *, role: Role = Role.MEMBER, name: str = "") -> User:
    """Makes a person and lets them into a workspace, for whoever runs the server.

    Raises:
        EmailTaken: there is such a person.
        Invalid: the password is too short or too common.
        WrongTenant: there is no such workspace.
    """
    with unit(workspace):
        user = _new_user(email, password, name)
        _join(user, role)
        audit.record(AuditEvent("member.create", None, "user", user.id, {"role": role.value}))
    return user


def create_token(user: UUID, name: str, *, scopes: Collection[str] = (EVERYTHING,), days: int = 90) -> str:
    """Makes an access token of the open unit's workspace and returns it: the only time that it can be seen.

    Raises:
        Invalid: an unknown scope, a life of no or more than 366 days, or a name that is empty or too long.
    """
    known = {EVERYTHING, *(capability.value for capability in Capability)}
    problems = (
        [FieldError("scopes", "unknown_scope", f"Scopes are: {', '.join(sorted(known))}.")]
        if set(scopes) - known
        else []
    )
    if not 1 <= days <= MAX_TOKEN_DAYS:
        problems.append(FieldError("days", "out_of_range", f"A token lives 1 to {MAX_TOKEN_DAYS} days."))
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
    audit.record(AuditEvent("token.create", None, "access_token", row.id, {"user": str(user), "days": days}))
    return token


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
        _rights_changed(token)


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
        _rights_changed(token)


def deactivate_member(actor: Actor, user: UUID) -> None:
    """Shuts a person out of the workspace at once; what they wrote stays.

    Raises:
        CapabilityMissing: the actor may not manage members.
        NotFound: there is no such active member.
        Conflict: they are the workspace's last owner.
    """
    permissions.require(actor, Capability.MANAGE_MEMBERS)
    # All owners are locked, so that two of them cannot shut each other out at the same time.
    active = {m.user_id: m for m in Membership.objects.select_for_update().filter(is_active=True)}
    member = active.get(user)
    if member is None:
        raise NotFound
    if member.role == Role.OWNER and sum(m.role == Role.OWNER for m in active.values()) == 1:
        raise Conflict("A workspace keeps at least one owner. Make somebody else an owner first.")
    Membership.objects.filter(id=member.id).update(is_active=False)
    audit.record(AuditEvent("member.deactivate", actor, "user", user))
    _rights_changed(user)


def forget_sessions() -> int:
    """Deletes the browser sessions and owner's links that have expired. Returns how many."""
    old = (Session.objects.filter(expire_date__lt=Now()), OwnerLink.objects.filter(expires_at__lt=Now()))
    return sum(rows.delete()[0] for rows in old)


def _rights_changed(principal: UUID) -> None:
    """Whoever was checked under the old epoch is checked again; what hangs on the principal ends now."""
    here().known.clear()
    Workspace.objects.filter(id=here().workspace).update(authorisation_epoch=F("authorisation_epoch") + 1)
    revocation.revoked(principal)
