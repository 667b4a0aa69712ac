"""The sealer: writes the chain's links behind the audit entries. It runs in every `turns` process, as atrium_runner.

The line of waiting entries is the truth and a wake-up only saves time, so an entry that was missed (the process ended,
the connection broke) is sealed in the next round. One advisory lock a workspace keeps two sealers apart.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

import psycopg

from compliance.chain import COLUMNS, START, ChainedEntry, link_hash
from workspace.common import wakeups

logger = logging.getLogger(__name__)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# In seconds. Entries that come close together share a transaction; a round comes even when nobody calls for it.
PACE: Final = 0.1
ROUND: Final = 3.0
# Entries of one workspace in one transaction.
BATCH: Final = 500

WORKSPACES: Final = b"select distinct workspace_id from compliance_auditwaiting"
LOCK: Final = b"select pg_try_advisory_xact_lock(hashtextextended('audit ' || %s, 0))"
HEAD: Final = b"select sequence, hash from compliance_auditlink where workspace_id = %s order by sequence desc limit 1"
WAITING: Final = f"""
select {", ".join(f"entry.{column}" for column in COLUMNS)}
from compliance_auditwaiting waiting join compliance_auditentry entry on entry.id = waiting.entry_id
where waiting.workspace_id = %s order by entry.at, entry.id limit {BATCH}
""".encode()  # noqa: S608 - our own column names
LINKED: Final = b"""
with sealed as (delete from compliance_auditwaiting where entry_id = any(%(entries)s))
insert into compliance_auditlink (id, workspace_id, sequence, entry_id, previous, hash)
select link.id, %(workspace)s, link.sequence, link.entry_id, link.previous, link.hash
from unnest(%(ids)s::uuid[], %(sequences)s::bigint[], %(entries)s::uuid[], %(previous)s::bytea[], %(hashes)s::bytea[])
  as link(id, sequence, entry_id, previous, hash)
"""


class Line(Protocol):
    """A connection of atrium_runner in autocommit, made again when it broke."""

    def held(self) -> AbstractAsyncContextManager[Connection]:
        """Waits until the database can be reached."""
        ...


async def seal_for_ever(line: Line) -> None:
    """Seals what waits, and then whatever comes. Ends by being cancelled."""
    while True:
        try:
            async with line.held() as connection:
                await connection.execute(f"listen {wakeups.AUDIT}".encode())
                while True:
                    await _seal_and_wait(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            logger.warning("sealing broke off")
            await asyncio.sleep(PACE)


async def _seal_and_wait(connection: Connection) -> None:
    is_done = await seal_waiting(connection)
    await asyncio.sleep(PACE)
    if is_done:
        # What was said meanwhile is kept by the connection and ends this at once.
        async for _ in connection.notifies(timeout=ROUND, stop_after=1):
            pass


async def seal_waiting(connection: Connection) -> bool:
    """One transaction for each workspace with waiting entries. False when some were left: too many, or another sealer
    was at them.
    """
    workspaces = await (await connection.execute(WORKSPACES)).fetchall()
    done = [await _seal_one(connection, workspace) for (workspace,) in workspaces]
    return all(done)


async def _seal_one(connection: Connection, workspace: UUID) -> bool:
    """Whether nothing of this workspace is left that another attempt could seal at once."""
    try:
        async with connection.transaction():
            return await _continue_chain(connection, workspace)
    except psycopg.IntegrityError:
        # Somebody wrote into the trail by hand. It stops no other workspace, and `verify_audit` says what is wrong.
        logger.exception("an audit chain cannot be continued", extra={"workspace": str(workspace)})
        return True


async def _continue_chain(connection: Connection, workspace: UUID) -> bool:
    locked = await (await connection.execute(LOCK, [str(workspace)])).fetchone()
    if not (locked and locked[0]):
        return False
    sequence, previous = await (await connection.execute(HEAD, [workspace])).fetchone() or (0, START)
    entries = [ChainedEntry(*row) async for row in await connection.execute(WAITING, [workspace])]
    links = []
    for entry in entries:
        sequence += 1
        hashed = link_hash(previous, sequence, entry)
        links.append((sequence, previous, hashed))
        previous = hashed
    arguments = {
        "workspace": workspace,
        "ids": [uuid4() for _ in links],
        "sequences": [number for number, _, _ in links],
        "entries": [entry.id for entry in entries],
        "previous": [before for _, before, _ in links],
        "hashes": [hashed for _, _, hashed in links],
    }
    await connection.execute(LINKED, arguments)
    return len(entries) < BATCH
