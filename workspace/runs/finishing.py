"""The end of a run: final event, state, and what its kind writes, in one transaction under the epoch."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from inference.contracts import FinishReason
from workspace.common import wakeups
from workspace.common.ciphers import OpenedKey
from workspace.runs import journal
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.contracts import JSON, EventType, Outcome, RunError, RunView, State, Usage
from workspace.runs.journal import TABLE, Row
from workspace.runs.models import Run
from workspace.runs.transcript import Transcript

# The run's row, locked, with the moment and with when the first ids of the model were committed.
HELD = f"""
select state, queued_at, started_at, clock_timestamp(),
  (select written_at from {TABLE} where day = %(day)s and run = %(run)s and ordinal = %(first_tokens)s)
from runs_run where id = %(run)s and epoch = %(epoch)s for update of runs_run
"""  # noqa: S608 - our own constant
# All that an end writes, in one statement: every statement of its own would be a round trip while the row is locked.
END = f"""
with final as (
  insert into {TABLE} (day, workspace_id, run, ordinal, epoch, first_sequence, last_sequence, events)
  values (%(day)s, %(workspace)s, %(run)s, %(ordinal)s, %(epoch)s, %(sequence)s, %(sequence)s, %(events)s)
), dropped as (
  update {TABLE} set record = null where %(is_whole)s and day = %(day)s and run = %(run)s and record is not null
), ended as (
  update runs_run set state = %(state)s, error = %(error)s, last_ordinal = %(ordinal)s, last_sequence = %(sequence)s,
    ended_at = %(now)s, lease_until = null, has_tokens = has_tokens and not %(is_whole)s
  where id = %(run)s
)
select pg_notify('{wakeups.RUNS}', %(told)s)
"""  # noqa: S608 - our own constants
DROP_RECORDS = f"update {TABLE} set record = null where day = %s and run = %s and record is not null"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends: `finish` with done, `error` with failed."""

    state: State
    finish: FinishReason | None = None
    error: RunError | None = None


Finish = Callable[[RunView, Outcome], Mapping[str, JSON]]


def untold(run: RunView, outcome: Outcome) -> Mapping[str, JSON]:
    """In place of a kind's `finish` that fails itself: nobody is told."""
    return {}


@dataclass(frozen=True, slots=True)
class Closing:
    """What ends a run: everything in the transcript is committed already."""

    claim: Claim
    key: OpenedKey
    transcript: Transcript
    ending: Ending


@dataclass(frozen=True, slots=True)
class _Held:
    """The run's row under the lock. Times are the database's."""

    state: State
    queued_at: datetime
    started_at: datetime | None
    now: datetime
    first_token_at: datetime | None


def finish(closing: Closing, told: Finish) -> None:
    """Ends the run, and tells its kind. Harmless when it was done before.

    Raises:
        ClaimLost: another runner holds the run.
    """
    claim, transcript, ending = closing.claim, closing.transcript, closing.ending
    held = _held(claim, transcript.first_tokens)
    if held.state.is_final:
        return
    extra = told(claim.view, _outcome(held, transcript, ending))
    entry = transcript.closing(*_final(ending, _usage(transcript), extra))
    _end(closing, journal.sealed_row(claim.id, claim.epoch, entry, closing.key), held.now)
    if claim.view.continues is not None and transcript.generated:
        drop_tokens(Run.objects.get(id=claim.view.continues))


def abandon(claim: Claim, ending: Ending) -> None:
    """Ends a run whose key is gone: there is nobody left to read a final event.

    Raises:
        ClaimLost: another runner holds the run.
    """
    held = _held(claim, None)
    if not held.state.is_final:
        Run.objects.filter(id=claim.id).update(state=ending.state, ended_at=held.now, lease_until=None)


def drop_tokens(run: Run) -> None:
    """Takes the private side of a journal away; its events stay."""
    with connection.cursor() as cursor:
        cursor.execute(DROP_RECORDS, [run.day, run.id])
    Run.objects.filter(id=run.id).update(has_tokens=False)


def _held(claim: Claim, first_tokens: int | None) -> _Held:
    place: dict[str, Any] = {"day": claim.day, "run": claim.id, "epoch": claim.epoch, "first_tokens": first_tokens}
    with connection.cursor() as cursor:
        cursor.execute(HELD, place)
        row = cursor.fetchone()
    if row is None:
        raise ClaimLost
    return _Held(State(row[0]), *row[1:])


def _end(closing: Closing, row: Row, now: datetime) -> None:
    claim, ending = closing.claim, closing.ending
    arguments: dict[str, Any] = {
        "day": claim.day,
        "workspace": claim.actor.workspace,
        "run": claim.id,
        "epoch": claim.epoch,
        "ordinal": row.ordinal,
        "sequence": row.last_sequence,
        "events": row.events,
        "is_whole": ending.finish == "stop",
        "state": ending.state.value,
        "error": Jsonb(asdict(ending.error)) if ending.error else None,
        "now": now,
        "told": f"{claim.id}:{row.ordinal}",
    }
    with connection.cursor() as cursor:
        cursor.execute(END, arguments)


def _outcome(held: _Held, transcript: Transcript, ending: Ending) -> Outcome:
    leg = transcript.leg
    return Outcome(
        state=ending.state,
        finish=ending.finish,
        text=transcript.text,
        usage=_usage(transcript),
        engine=leg.engine if leg else "",
        model=leg.model if leg else "",
        route_reason=leg.route_reason if leg else "",
        error=ending.error,
        queued_at=held.queued_at,
        started_at=held.started_at,
        first_token_at=held.first_token_at,
        ended_at=held.now,
    )


def _usage(transcript: Transcript) -> Usage:
    usage = Usage(completion_tokens=transcript.generated)
    if transcript.leg is not None:
        usage = replace(usage, prompt_tokens=transcript.leg.prompt_tokens)
    return usage if transcript.ended is None else replace(usage, cached_tokens=transcript.ended.cached_tokens)


def _final(ending: Ending, usage: Usage, extra: Mapping[str, JSON]) -> tuple[EventType, dict[str, Any]]:
    if ending.error is not None:
        return "failed", {**extra, **asdict(ending.error)}
    if ending.state is State.DONE:
        return "done", {**extra, "finish": ending.finish, "usage": asdict(usage)}
    return "stopped", dict(extra)
