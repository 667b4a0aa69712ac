"""Questions about runs. All but the queue's position are asked in a unit, and see its workspace only."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from workspace.common.ciphers import OpenedKey
from workspace.common.contracts import Actor
from workspace.common.errors import NotFound
from workspace.runs.contracts import Event, RunStatus, RunView, State, Watch
from workspace.runs.journal import TABLE, SealedEvents
from workspace.runs.models import Run


def run_view(run: UUID) -> RunView:
    """Raises:
    NotFound: there is none in this workspace.
    """
    return _found(run).view()


def status_of(run: UUID) -> RunStatus:
    """Raises:
    NotFound: there is none in this workspace.
    """
    row = _found(run)
    return RunStatus(State(row.state), row.failure(), queue_position(run) if row.state == State.QUEUED else None)


def queue_position(run: UUID) -> int | None:
    """How many are served up to this one, itself included, over all workspaces; None when it does not wait."""
    with connection.cursor() as cursor:
        cursor.execute("select lookup.queue_position(%s)", [run])
        position: int | None = cursor.fetchone()[0]
    return position


def watch(actor: Actor, run: UUID, key: OpenedKey) -> Watch:
    """The right to follow a run. The caller has made sure that the actor may, and opened the key of the journal.

    Raises:
        NotFound: there is none in this workspace.
    """
    row = _found(run)
    return Watch(row.id, row.day, actor, key, row.last_sequence)


def committed(watch: Watch) -> int:
    """The sequence number of the last event that there is; 0 before the first. In a unit of the watch's workspace."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce(max(last_sequence), 0) from {TABLE} where day = %s and run = %s",  # noqa: S608
            [watch.day, watch.run],
        )
        last: int = cursor.fetchone()[0]
    return last


def released(run: UUID, key: OpenedKey) -> list[Event]:
    """The events of a run that are committed by now, in order; the caller has made sure that the actor may.

    Raises:
        NotFound: there is none in this workspace.
        SealBroken: the journal was changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ordinal, first_sequence, last_sequence, events from {TABLE} "  # noqa: S608 - our own constant
            "where day = %s and run = %s and events is not null order by ordinal",
            [_found(run).day, run],
        )
        rows = [SealedEvents(run, *row) for row in cursor.fetchall()]
    return [event for row in rows for event in row.opened(key)]


def runs_of(subjects: Iterable[UUID]) -> list[Run]:
    """The runs of these subjects, oldest first."""
    return list(Run.objects.filter(subject_id__in=list(subjects)).order_by("queued_at"))


def _found(run: UUID) -> Run:
    row = Run.objects.filter(id=run).first()
    if row is None:
        raise NotFound
    return row
