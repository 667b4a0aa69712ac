"""Everything that changes what policies are decided from."""

from django.db import connection
from django.db.models import Max

from compliance.contracts import Purpose, Scope
from compliance.errors import PurposeFixed
from compliance.models import Consent
from compliance.policies import NEVER
from workspace.accounts.permissions import Capability, require
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.work import here

# Who may answer for whom.
NEEDED = {Scope.WORKSPACE: Capability.MANAGE_WORKSPACE, Scope.USER: Capability.CHAT}


def record_consent(actor: Actor, scope: Scope, purpose: Purpose, *, allows: bool) -> int:
    """Adds the actor's answer, for themselves or for their whole workspace, to the ledger. Returns its sequence.

    It holds for everything that is decided after it; what was refused once stays refused.

    Raises:
        CapabilityMissing: the actor may not answer for this scope.
        PurposeFixed: the purpose is refused for everybody, whatever anyone answers.
    """
    require(actor, NEEDED[scope])
    if purpose in NEVER:
        raise PurposeFixed
    row = Consent.objects.create(
        sequence=_next_sequence(),
        scope=scope,
        subject_id=actor.user if scope is Scope.USER else here().workspace,
        purpose=purpose,
        allows=allows,
        actor_id=actor.user,
    )
    details = {"scope": scope.value, "purpose": purpose.value, "allows": allows, "sequence": row.sequence}
    audit.record(AuditEvent("consent.record", actor, "consent", row.id, details))
    return row.sequence


def _next_sequence() -> int:
    """One answer at a time a workspace, so that the order of the numbers is the order in which they took effect."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('consent ' || %s, 0))", [str(here().workspace)])
    return (Consent.objects.aggregate(Max("sequence"))["sequence__max"] or 0) + 1
