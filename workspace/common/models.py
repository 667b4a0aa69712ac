"""The base of every tenant's table, and the few tables that all rooms share. None of them has a foreign key."""

import uuid
from typing import Any, ClassVar

from django.core import checks
from django.db import models
from django.db.models.functions import Now

from workspace.common import roles
from workspace.common.constraints import Reference, TenantIsolation
from workspace.common.contracts import KeyOwner
from workspace.common.fields import SealedField
from workspace.common.work import workspace


class TenantModel(models.Model):
    """A row of one workspace. `workspace_id` has no foreign key: it would lock the workspace's row at each insert."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id = models.UUIDField(default=workspace, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [TenantIsolation(name="%(app_label)s_%(class)s_tenant")]

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """Adds atrium.E001 (no isolation) and atrium.E002 (a reference that could leave the workspace)."""
        made, found = cls._meta.constraints, super().check(**kwargs)
        if not any(isinstance(constraint, TenantIsolation) for constraint in made):
            found.append(checks.Error("a tenant's table needs a TenantIsolation", obj=cls, id="atrium.E001"))
        covered = {constraint.field for constraint in made if isinstance(constraint, Reference)}
        for field in cls._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or not issubclass(field.related_model, TenantModel):
                continue
            if getattr(field, "db_constraint", True) or field.name not in covered:
                message = f"{field.name} needs db_constraint=False and a Reference"
                found.append(checks.Error(message, obj=cls, id="atrium.E002"))
        return found


TENANT = TenantModel.Meta.constraints
# Only where something points at the table.
REFERABLE = models.UniqueConstraint(fields=["workspace_id", "id"], name="%(app_label)s_%(class)s_referable")


class WorkspaceKey(models.Model):
    """A workspace's key, wrapped by the key management service. Destroying it makes all its content unreadable."""

    workspace_id = models.UUIDField(primary_key=True, default=workspace, editable=False)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [TenantIsolation(name="workspace_key_tenant")]


class DataKey(TenantModel):
    """The key of one conversation, document, user or workspace, wrapped by the workspace's key."""

    owner_kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in KeyOwner])
    owner_id = models.UUIDField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="data_key_tenant"),
            models.UniqueConstraint(fields=["workspace_id", "owner_kind", "owner_id"], name="data_key_owner"),
        ]


class Job(TenantModel):
    """Work to be done after the request. This row is the truth; Celery only carries its id.

    A worker claims it with a lease and keeps the lease alive; the sweep sends it again when the lease ran out.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="job_tenant", beyond={roles.SWEEP: "select, update, delete"}, runner="")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="job_due", condition=models.Q(state__in=["waiting", "running"]))
        ]


class IdempotencyRecord(TenantModel):
    """The answer to a POST that carried an Idempotency-Key, for 24 hours. The body is sealed with the user's key."""

    user_id = models.UUIDField()
    key_digest = models.BinaryField(max_length=32)
    body_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    response = SealedField(KeyOwner.USER, "user_id", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="idempotency_record_tenant", beyond={roles.SWEEP: "select, delete"}, runner=""),
            models.UniqueConstraint(fields=["workspace_id", "user_id", "key_digest"], name="idempotency_record_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="idempotency_record_age")]
