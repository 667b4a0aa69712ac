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
from django.db.models.functions import Now

from workspace.accounts import queries
from workspace.accounts.errors import EmailTaken, OwnerLinkSpent
from workspace.accounts.models import Membership, OwnerLink, Role, User, Workspace
from workspace.accounts.queries import digest
from workspace.common import audit, keys
from workspace.common.audit import AuditEvent
from workspace.common.contracts import KeyOwner
from workspace.common.errors import FieldError, Invalid
from workspace.common.work import founding, here, unit

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


def forget_sessions() -> int:
    """Deletes the browser sessions and owner's links that have expired. Returns how many."""
    old = (Session.objects.filter(expire_date__lt=Now()), OwnerLink.objects.filter(expires_at__lt=Now()))
    return sum(rows.delete()[0] for rows in old)
