"""What a room does with its runs. Permission and audit are the caller's, in the same unit."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from workspace.common import wakeups
from workspace.common.contracts import Actor
from workspace.runs.contracts import NewRun, State
from workspace.runs.journal import TABLE
from workspace.runs.models import Run
from workspace.runs.queries import runs_of

STOPPABLE = [State.QUEUED.value, State.RUNNING.value, State.WAITING.value]


def enqueue(actor: Actor, new: NewRun) -> UUID:
    """Makes a run, and wakes a runner when the transaction commits. Returns its id."""
    run = Run.objects.create(
        kind=new.kind,
        subject_id=new.subject_id,
        user_id=actor.user,
        actor=actor.stored(),
        parameters=dict(new.parameters),
        continues_id=new.continues,
        key_owner=new.key_owner,
        key_id=new.key_id,
    )
    wakeups.notify(wakeups.WORK, [str(run.id)])
    return run.id


def stop(run: UUID) -> bool:
    """Asks for an end: its runner closes the engine's connection, keeps the text and ends the run as `stopped`.

    False when it was stopping or over already. A run that nobody holds is claimed by a runner for its ending.
    """
    changed = Run.objects.filter(id=run, state__in=STOPPABLE).update(state=State.STOPPING)
    if changed:
        wakeups.notify(wakeups.STOPS, [str(run)])
        wakeups.notify(wakeups.WORK, [str(run)])
    return bool(changed)


def wake(run: UUID) -> bool:
    """Queues a waiting run again: what it waited for has come. False when it does not wait."""
    changed = Run.objects.filter(id=run, state=State.WAITING).update(state=State.QUEUED)
    if changed:
        wakeups.notify(wakeups.WORK, [str(run)])
    return bool(changed)


def forget(subjects: Collection[UUID]) -> int:
    """Deletes all runs of these subjects with their journals; whoever holds one loses its claim. Returns how many."""
    runs = runs_of(subjects)
    with connection.cursor() as cursor:
        cursor.execute("select id from runs_run where id = any(%s) for update", [[run.id for run in runs]])
        cursor.execute(
            f"delete from {TABLE} where day = any(%s) and run = any(%s)",  # noqa: S608 - our own constant
            [sorted({run.day for run in runs}), [run.id for run in runs]],
        )
    return Run.objects.filter(id__in=[run.id for run in runs]).delete()[0]
