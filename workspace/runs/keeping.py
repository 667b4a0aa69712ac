"""What the clock is due to do to journals: partitions made ahead and dropped, token ids that nobody may continue."""

from datetime import date

from django.db import OperationalError, connections, transaction

from workspace.runs.conf import KeepingConf
from workspace.runs.journal import TABLE

DAYS_AHEAD = 7
TODAY = "(now() at time zone 'utc')::date"
MAKE = f"select count(*) filter (where runs_make_journal_day({TODAY} + ahead)) from generate_series(0, %s) ahead"  # noqa: S608
DROP = f"select runs_drop_journal_days({TODAY} - %s)"
EXPIRED = """
select id, day from runs_run where has_tokens and ended_at < clock_timestamp() - %s * interval '1 hour'
order by ended_at limit 500 for update skip locked
"""
DROP_TOKENS = f"update {TABLE} set record = null where day = %s and run = any(%s)"  # noqa: S608


def make_days() -> int:
    """Makes the partitions of today and the days ahead. Returns how many were missing."""
    return _count(MAKE, DAYS_AHEAD)


def drop_days() -> int:
    """Drops the journal of the oldest day that is past keeping and whose runs are all over. Returns how many; 0 as
    well when a long reader was in the way, for the next sweep comes soon.
    """
    try:
        return _count(DROP, KeepingConf.from_environment().journal_days)
    except OperationalError:
        return 0


def drop_tokens() -> int:
    """Takes away the token ids of answers that were not continued in time. Returns of how many runs."""
    with transaction.atomic(using="sweep"), connections["sweep"].cursor() as cursor:
        cursor.execute(EXPIRED, [KeepingConf.from_environment().token_hours])
        expired = cursor.fetchall()
        days: dict[date, list[object]] = {}
        for run, day in expired:
            days.setdefault(day, []).append(run)
        for day, runs in days.items():
            cursor.execute(DROP_TOKENS, [day, runs])
        cursor.execute("update runs_run set has_tokens = false where id = any(%s)", [[run for run, _ in expired]])
    return len(expired)


def _count(statement: str, argument: int) -> int:
    with connections["sweep"].cursor() as cursor:
        cursor.execute(statement, [argument])
        count: int = cursor.fetchone()[0]
    return count
