"""The journal as its writers and readers see it: rows, where their bytes are sealed, and the statements."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from workspace.common.ciphers import OpenedKey, Place
from workspace.runs import records
from workspace.runs.contracts import Event, EventType
from workspace.runs.transcript import Entry

TABLE = "runs_journal"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is written, sealed. Sequences are 0 where it releases no event, and bytes empty where there are
    none: the insert makes both null.
    """

    run: UUID
    ordinal: int
    epoch: int
    first_sequence: int
    last_sequence: int
    record: bytes
    events: bytes


@dataclass(frozen=True, slots=True)
class SealedEvents:
    """The events of one row, as tails read them."""

    run: UUID
    ordinal: int
    first_sequence: int
    last_sequence: int
    events: bytes

    def opened(self, key: OpenedKey) -> list[Event]:
        """Raises:
        SealBroken: the bytes were changed, or belong elsewhere.
        """
        items: list[tuple[EventType, dict[str, Any]]] = orjson.loads(
            key.open(self.events, place(self.run, self.ordinal, "events"))
        )
        return [Event(self.first_sequence + n, kind, data) for n, (kind, data) in enumerate(items)]


def sealed_row(run: UUID, epoch: int, entry: Entry, key: OpenedKey) -> Row:
    """The row of an entry. The sequence numbers stand beside the sealed events, in clear."""
    first = entry.events[0].sequence if entry.events else 0
    last = entry.events[-1].sequence if entry.events else 0
    record = events = b""
    if entry.records:
        record = key.seal(records.encoded(entry.records), place(run, entry.ordinal, "record"))
    if entry.events:
        plain = orjson.dumps([(event.type, event.data) for event in entry.events])
        events = key.seal(plain, place(run, entry.ordinal, "events"))
    return Row(run, entry.ordinal, epoch, first, last, record, events)


def opened_entry(run: UUID, row: tuple[int, int | None, bytes | None, bytes | None], key: OpenedKey) -> Entry:
    """The inverse, of (ordinal, first_sequence, record, events).

    Raises:
        SealBroken: the bytes were changed, or belong elsewhere.
    """
    ordinal, first, record, events = row
    return Entry(
        ordinal,
        records.decoded(key.open(bytes(record), place(run, ordinal, "record"))) if record else [],
        SealedEvents(run, ordinal, first or 0, 0, bytes(events)).opened(key) if events else [],
    )


def place(run: UUID, ordinal: int, column: str) -> Place:
    """The bytes of a column open nowhere but in their own row."""
    return Place(TABLE, f"{run}:{ordinal}", column)


# The inner query is the fence. A claim in flight holds the run's row, so its rows are left out (`skip locked`) and the
# writer asks again; once the claim is committed the epoch differs. And while this statement holds the row, no claim can
# slip in between. Waiting for one row's lock instead would hold up the tokens of all other runs.
INSERT = f"""
with fenced as (
  select id, workspace_id, day, epoch from runs_run where id = any(%(runs)b) for share skip locked
), kept as (
  insert into {TABLE} (day, workspace_id, run, ordinal, epoch, first_sequence, last_sequence, record, events)
  select r.day, r.workspace_id, r.id, j.ordinal, j.epoch, nullif(j.first_sequence, 0), nullif(j.last_sequence, 0),
    nullif(j.record, ''), nullif(j.events, '')
  from unnest(%(runs)b::uuid[], %(ordinals)b::int4[], %(epochs)b::int8[], %(first)b::int4[], %(last)b::int4[],
    %(records)b::bytea[], %(events)b::bytea[])
    as j(run, ordinal, epoch, first_sequence, last_sequence, record, events)
  join fenced r on r.id = j.run and r.epoch = j.epoch
  on conflict do nothing
  returning run, ordinal
), told as (
  select pg_notify('atrium_runs', string_agg(run || ':' || ordinal, ',')) from kept having count(*) > 0
)
select run from kept, told
"""  # noqa: S608 - our own constant

# What became of rows that the insert did not give back: were they committed by an attempt whose answer was lost, is
# the claim gone, or was the run's row merely locked?
WHEREABOUTS = f"""
select wanted.run, r.epoch is not distinct from wanted.epoch as held, j.epoch is not distinct from wanted.epoch as there
from unnest(%(runs)b::uuid[], %(ordinals)b::int4[], %(epochs)b::int8[], %(days)b::date[])
  as wanted(run, ordinal, epoch, day)
left join runs_run r on r.id = wanted.run
left join {TABLE} j on j.day = wanted.day and j.run = wanted.run and j.ordinal = wanted.ordinal
"""  # noqa: S608 - our own constant

AFTER = "select run, ordinal, first_sequence, last_sequence, events from lookup.journal_after(%b, %b, %b)"
