"""Everything that changes people, workspaces and credentials."""

import secrets
import uuid
from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Now

from workspace.accounts import people, queries
from workspace.accounts.errors import OwnerLinkSpent
from workspace.accounts.models import OwnerLink, Role, User, Workspace
from workspace.accounts.queries import digest
from workspace.common import audit, keys
from workspace.common.audit import AuditEvent
from workspace.common.contracts import KeyOwner
from workspace.common.work import founding, here, unit

OWNER_LINK_LIFE = timedelta(hours=24)


def create_owner(email: str, password: str, workspace_name: str, *, name: str = "") -> tuple[User, UUID]:
    """Makes a person and a workspace that they own, with its keys; outside of any unit, for whoever runs the server.

    Raises:
        EmailTaken: there is such a person.
        Invalid: the password is too short or too common.
    """
    workspace = uuid.uuid4()
    with founding(workspace):
        return _found(people.checked_person(email, password, name), workspace_name), workspace


def _found(owner: User, workspace_name: str) -> User:
    """The first rows of the workspace of the open unit."""
    workspace = Workspace(id=here().workspace, name=workspace_name)
    people.check_fields(workspace, told_as={"name": "workspace"})
    user = people.keep(owner)
    workspace.save(force_insert=True)
    keys.create_workspace_key()
    keys.create(KeyOwner.WORKSPACE, workspace.id)
    people.join(user, Role.OWNER)
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


def claim_ownership(token: str, owner: User, workspace_name: str) -> User:
    """Makes the first owner and their workspace, and ends the link: of two at once, one gets it. `owner` is an account
    that is not kept yet.

    Raises:
        OwnerLinkSpent: the link was used, is too old, or there is an owner.
        EmailTaken, Invalid: as in `create_owner`; the link stays.
    """
    with founding(uuid.uuid4()):
        queries.check_owner_link(token)
        if not OwnerLink.objects.filter(digest=digest(token)).delete()[0]:
            raise OwnerLinkSpent
        return _found(owner, workspace_name)


def create_user(workspace: UUID, email: str, password: str, *, role: Role = Role.MEMBER, name: str = "") -> User:
    """Makes a person and lets them into a workspace, for whoever runs the server.

    Raises:
        EmailTaken: there is such a person.
        Invalid: the password is too short or too common.
        WrongTenant: there is no such workspace.
    """
    with unit(workspace):
        user = people.keep(people.checked_person(email, password, name))
        people.join(user, role)
        audit.record(AuditEvent("member.create", None, "user", user.id, {"role": role.value}))
    return user


def forget_sessions() -> int:
    """Deletes the browser sessions and owner's links that have expired. Returns how many."""
    old = (Session.objects.filter(expire_date__lt=Now()), OwnerLink.objects.filter(expires_at__lt=Now()))
    return sum(rows.delete()[0] for rows in old)
