"""Who holds a run: claims, heartbeats and hand-backs, each one statement by the database's clock.

A claim raises the run's epoch. Whatever is written later for the run asks for that epoch, so a runner that was paused
and woke up writes nothing.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from workspace.common.contracts import Actor, KeyOwner
from workspace.runs.connections import Connection
from workspace.runs.contracts import RunView, State


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this process holds, under this epoch, until the lease runs out. `is_last`: nothing else was there to
    be claimed.
    """

    view: RunView
    epoch: int
    day: date
    state: State
    key_owner: KeyOwner
    key_id: UUID
    is_last: bool = False

    @property
    def id(self) -> UUID:
        return self.view.id

    @property
    def actor(self) -> Actor:
        return self.view.actor


class ClaimLost(Exception):
    """The run was claimed by another runner, or is gone. Whoever learns it lets go and writes nothing more."""


# How often a heartbeat tries a row that is locked, and the seconds between.
TRIES, PAUSE = 10, 0.01

# What a person waits to see ended and what somebody lost come first; then the turn goes to whoever has the fewest
# answers being written, and among those to who waits longest. One at a time, so that each claim counts for the next.
CLAIM = """
update runs_run set epoch = epoch + 1, runner = %(runner)s,
  lease_until = clock_timestamp() + %(lease)s * interval '1 s',
  started_at = case when state = 'queued' then coalesce(started_at, clock_timestamp()) else started_at end,
  state = case when state = 'queued' then 'running' else state end
where id = (
  select q.id from runs_run q
  where q.state in ('queued', 'running', 'stopping') and (q.lease_until is null or q.lease_until < clock_timestamp())
    and q.id <> all(%(held)s::uuid[])
  order by q.state = 'queued', (select count(*) from runs_run b where b.user_id = q.user_id and b.state = 'running'),
    q.queued_at
  limit 1 for update skip locked)
returning id, kind, subject_id, actor, continues_id, parameters, epoch, day, state, key_owner, key_id, not exists (
  select from runs_run w where w.state in ('queued', 'running', 'stopping') and w.id <> runs_run.id
    and (w.lease_until is null or w.lease_until < clock_timestamp()) and w.id <> all(%(held)s::uuid[]))
"""

BEAT = """
with held as (
  select r.id from unnest(%(runs)s::uuid[], %(epochs)s::int8[]) as mine(run, epoch)
  join runs_run r on r.id = mine.run and r.epoch = mine.epoch and r.state in ('running', 'stopping')
  for update of r skip locked
)
update runs_run set lease_until = clock_timestamp() + %(lease)s * interval '1 s'
from held where runs_run.id = held.id returning runs_run.id, runs_run.state
"""

# Rows that the heartbeat skipped because somebody holds them for a moment are still ours.
STILL = """
select r.id, r.state from unnest(%(runs)s::uuid[], %(epochs)s::int8[]) as mine(run, epoch)
join runs_run r on r.id = mine.run and r.epoch = mine.epoch and r.state in ('running', 'stopping')
"""

# By the runner and not by the runs that it knows of: the answer to its last claim may not have reached it.
RELEASE = """
with freed as (
  update runs_run set lease_until = null where runner = %(runner)s and state in ('running', 'stopping') returning id
)
select pg_notify('atrium_work', id::text) from freed
"""


async def claim(connection: Connection, runner: UUID, lease: float, held: Collection[UUID]) -> Claim | None:
    """Takes the next run that nobody holds, but none of `held`; None when there is none. `lease` in seconds."""
    cursor = await connection.execute(CLAIM, {"runner": runner, "lease": lease, "held": list(held)})
    row = await cursor.fetchone()
    if row is None:
        return None
    run, kind, subject, actor, continues, parameters, epoch, day, state, key_owner, key_id, is_last = row
    view = RunView(run, kind, subject, Actor.restored(actor), continues, parameters)
    return Claim(view, epoch, day, State(state), KeyOwner(key_owner), key_id, is_last)


async def beat(connection: Connection, epochs: Mapping[UUID, int], lease: float) -> dict[UUID, State]:
    """Prolongs the leases of runs under their epochs, even of those that have run out. What is missing from the answer
    is lost. A row that somebody holds is tried again: the writer does so for a millisecond, a page may for seconds.
    """
    states: dict[UUID, State] = {}
    for _ in range(TRIES):
        mine = {"runs": list(epochs), "epochs": [epochs[run] for run in epochs], "lease": lease}
        beaten = {run: State(state) for run, state in await (await connection.execute(BEAT, mine)).fetchall()}
        states |= beaten
        epochs = {run: epoch for run, epoch in epochs.items() if run not in beaten}
        if not epochs:
            return states
        await asyncio.sleep(PAUSE)
    mine = {"runs": list(epochs), "epochs": list(epochs.values())}
    return states | {run: State(state) for run, state in await (await connection.execute(STILL, mine)).fetchall()}


async def release(connection: Connection, runner: UUID) -> None:
    """Hands back all that a runner holds: whoever is free may claim it at once."""
    await connection.execute(RELEASE, {"runner": runner})
