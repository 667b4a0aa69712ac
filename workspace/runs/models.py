"""The run. Its journal is no model: it is partitioned by day, and written and read in batches (`journal.py`)."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Cast, Now

from workspace.common import roles
from workspace.common.constraints import Reference, TenantIsolation
from workspace.common.contracts import Actor, KeyOwner
from workspace.common.models import REFERABLE, TenantModel
from workspace.runs.contracts import RunError, RunView, State

ACTIVE = [State.QUEUED.value, State.RUNNING.value, State.STOPPING.value]

TODAY = Cast(models.Func(models.Value("UTC"), Now(), function="timezone"), models.DateField())


class Run(TenantModel):
    """Work that outlives the process that does it.

    A runner holds it while `lease_until` is ahead of the database's clock. Each claim raises `epoch`, and every later
    write of a runner asks for the epoch that it claimed. `user_id` repeats the actor's, for a fair queue. The last two
    numbers of the journal are set at the end; until then the journal itself knows them.
    """

    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    user_id = models.UUIDField()
    actor = models.JSONField()
    parameters = models.JSONField(default=dict)
    continues = models.ForeignKey("self", on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    key_owner = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in KeyOwner])
    key_id = models.UUIDField()
    # Names the journal's partition. Always the database's date in UTC.
    day = models.DateField(db_default=TODAY)
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in State], default=State.QUEUED.value
    )
    epoch = models.BigIntegerField(default=0)
    runner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    error = models.JSONField(null=True)
    last_ordinal = models.IntegerField(null=True)
    last_sequence = models.IntegerField(null=True)
    # Whether the journal still holds token ids.
    has_tokens = models.BooleanField(default=True)
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # The end of an answer may ask for another run: its title's.
            TenantIsolation(
                name="run_tenant",
                beyond={roles.RUNNER: "select, update", roles.SWEEP: "select, update"},
                runner="select, insert",
            ),
            REFERABLE,  # first: the reference below points at it
            Reference("continues", name="run_continues", on_delete="set null"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Only columns that a heartbeat leaves alone, so that it stays a HOT update.
            models.Index(fields=["queued_at"], name="run_active", condition=models.Q(state__in=ACTIVE)),
            models.Index(fields=["user_id"], name="run_running", condition=models.Q(state=State.RUNNING.value)),
            models.Index(fields=["workspace_id", "subject_id"], name="run_subject"),
            models.Index(fields=["ended_at"], name="run_tokens", condition=models.Q(has_tokens=True)),
            models.Index(fields=["day"], name="run_unfinished_day", condition=models.Q(ended_at=None)),
        ]

    def view(self) -> RunView:
        """As its kind sees it."""
        actor = Actor.restored(self.actor)
        return RunView(self.id, self.kind, self.subject_id, actor, self.continues_id, self.parameters)

    def failure(self) -> RunError | None:
        """Why it failed; None where it did not."""
        return RunError(**self.error) if self.error else None
