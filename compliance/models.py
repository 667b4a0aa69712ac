"""The consent ledger, the audit trail and its chain. None of them holds a word of what people write."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from compliance.contracts import Purpose, Scope
from workspace.common import roles
from workspace.common.constraints import TenantIsolation
from workspace.common.contracts import Surface
from workspace.common.models import TenantModel


class Consent(TenantModel):
    """One answer about one purpose. The newest of a subject counts; a row is never changed.

    `sequence` counts the workspace's answers from 1 without gaps.
    """

    sequence = models.BigIntegerField()
    scope = models.CharField(max_length=16, choices=[(scope.value, scope.value) for scope in Scope])
    subject_id = models.UUIDField()
    purpose = models.CharField(max_length=16, choices=[(purpose.value, purpose.value) for purpose in Purpose])
    allows = models.BooleanField()
    actor_id = models.UUIDField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="consent_tenant", append_only=True),
            models.UniqueConstraint(fields=["workspace_id", "sequence"], name="consent_sequence"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace_id", "subject_id", "purpose", "-sequence"], name="consent_newest")
        ]


class AuditEntry(TenantModel):
    """What was done, by whom, to what. People stand here by pseudonym: `pseudonyms`."""

    action = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    credential_id = models.UUIDField(null=True)
    surface = models.CharField(
        max_length=16, blank=True, choices=[(surface.value, surface.value) for surface in Surface]
    )
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="audit_entry_tenant", append_only=True, runner="select, insert")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace_id", "at", "id"], name="audit_entry_time"),
            models.Index(fields=["workspace_id", "object_id", "at"], name="audit_entry_object"),
        ]


class AuditWaiting(models.Model):
    """An entry that has no link yet. A trigger puts it here with the entry; the sealer takes it away with the link."""

    entry_id = models.UUIDField(primary_key=True)
    workspace_id = models.UUIDField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="audit_waiting_tenant", beyond={roles.RUNNER: "select, delete"})
        ]


class AuditLink(TenantModel):
    """One link of a workspace's chain: it fixes an entry and everything before it. The hash: `chain.link_hash`.

    `sequence` counts from 1 without gaps; the first link's `previous` is 32 zero bytes.
    """

    sequence = models.BigIntegerField()
    entry_id = models.UUIDField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="audit_link_tenant", beyond={roles.RUNNER: "select, insert"}, append_only=True),
            models.UniqueConstraint(fields=["workspace_id", "sequence"], name="audit_link_sequence"),
            models.UniqueConstraint(fields=["workspace_id", "entry_id"], name="audit_link_entry"),
        ]
