"""What owners decide about their workspace."""

from workspace.accounts import permissions
from workspace.accounts.models import Workspace
from workspace.accounts.permissions import Capability
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor


def rename(actor: Actor, name: str) -> None:
    """Gives the workspace another name, of 1 to 100 characters.

    Raises:
        CapabilityMissing: the actor may not manage the workspace.
    """
    permissions.require(actor, Capability.MANAGE_WORKSPACE)
    Workspace.objects.filter(id=actor.workspace).update(name=name)
    audit.record(AuditEvent("workspace.rename", actor, "workspace", actor.workspace))
