"""The end of a run: final event, state, and what its kind writes, in one transaction under the epoch."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from inference.contracts import FinishReason
from workspace.common import wakeups
from workspace.common.ciphers import OpenedKey
from workspace.runs import journal
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.contracts import JSON, EventType, Outcome, RunError, RunView, State, Usage
from workspace.runs.journal import TABLE
from workspace.runs.models import Run
from workspace.runs.transcript import Transcript

FINAL_ROW = f"""
insert into {TABLE} (day, workspace_id, run, ordinal, epoch, first_sequence, last_sequence, events)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608 - our own constant
WRITTEN_AT = f"select written_at from {TABLE} where day = %s and run = %s and ordinal = %s"  # noqa: S608
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


def finish(closing: Closing, told: Finish) -> None:
    """Ends the run, and tells its kind. Harmless when it was done before.

    Raises:
        ClaimLost: another runner holds the run.
    """
    claim, key, transcript, ending = closing.claim, closing.key, closing.transcript, closing.ending
    row = _held(claim)
    if row is None:
        return
    now = _clock()
    extra = told(claim.view, _outcome(row, transcript, ending, now))
    entry = transcript.closing(*_final(ending, _usage(transcript), extra))
    sealed = journal.sealed_row(claim.id, claim.epoch, entry, key)
    with connection.cursor() as cursor:
        place: list[Any] = [row.day, row.workspace_id, row.id, sealed.ordinal, claim.epoch]
        cursor.execute(FINAL_ROW, [*place, sealed.first_sequence, sealed.last_sequence, sealed.events])
    _end(row, ending, now, (sealed.ordinal, sealed.last_sequence))
    if ending.finish == "stop":
        drop_tokens(row)
    if row.continues is not None and transcript.generated:
        drop_tokens(row.continues)
    wakeups.notify(wakeups.RUNS, [f"{row.id}:{sealed.ordinal}"])


def abandon(claim: Claim, ending: Ending) -> None:
    """Ends a run whose key is gone: there is nobody left to read a final event.

    Raises:
        ClaimLost: another runner holds the run.
    """
    row = _held(claim)
    if row is not None:
        _end(row, ending, _clock(), (row.last_ordinal, row.last_sequence))


def drop_tokens(run: Run) -> None:
    """Takes the private side of a journal away; its events stay."""
    with connection.cursor() as cursor:
        cursor.execute(DROP_RECORDS, [run.day, run.id])
    Run.objects.filter(id=run.id).update(has_tokens=False)


def _held(claim: Claim) -> Run | None:
    """The run's row, locked; None when this claim has ended it already."""
    row = Run.objects.select_for_update().filter(id=claim.id, epoch=claim.epoch).first()
    if row is None:
        raise ClaimLost
    return None if State(row.state).is_final else row


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _end(row: Run, ending: Ending, now: datetime, last: tuple[int | None, int | None]) -> None:
    row.state, row.error = ending.state, asdict(ending.error) if ending.error else None
    row.last_ordinal, row.last_sequence = last
    row.ended_at, row.lease_until = now, None
    row.save(update_fields=["state", "error", "last_ordinal", "last_sequence", "ended_at", "lease_until"])


def _outcome(row: Run, transcript: Transcript, ending: Ending, now: datetime) -> Outcome:
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
        queued_at=row.queued_at,
        started_at=row.started_at,
        first_token_at=_first_token_at(row, transcript),
        ended_at=now,
    )


def _first_token_at(row: Run, transcript: Transcript) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_AT, [row.day, row.id, transcript.first_tokens])
        found = cursor.fetchone()
    return found[0] if found else None


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
