"""Connections of its own for what async code does all the time: to listen, to read tails, to write the journal.

They are psycopg's, beside Django's pool, and direct: a pooler in transaction mode would swallow LISTEN.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import make_conninfo

from workspace.common import roles

logger = logging.getLogger(__name__)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
# Between attempts at a database that is away, in seconds: it comes back within one of these.
PAUSE = 0.2


def address(role: str) -> str:
    """Where the product's database is, for a role that logs in."""
    named = connections["default"].settings_dict
    return make_conninfo(
        host=named["HOST"],
        port=named["PORT"],
        dbname=named["NAME"],
        user=role,
        password=roles.password(role, settings.SECRET_KEY),
        connect_timeout=5,
        **roles.DEAD_PEER,
        **roles.protection(named["OPTIONS"]),
    )


class Line:
    """One connection that is made again whenever it broke. Used by one task at a time."""

    def __init__(self, role: str) -> None:
        self._role = role
        self._connection: Connection | None = None

    async def connection(self) -> Connection:
        """The connection; waits until the database can be reached."""
        while self._connection is None or self._connection.closed:
            try:
                self._connection = await psycopg.AsyncConnection.connect(address(self._role), autocommit=True)
            except psycopg.OperationalError:
                logger.warning("the database cannot be reached", extra={"role": self._role})
                await asyncio.sleep(PAUSE)
        return self._connection

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        """The connection for a block, which may be left half-way: then it is not used again.

        Raises:
            psycopg.OperationalError: it broke in the block. What was asked may have happened.
        """
        connection = await self.connection()
        whole = False
        try:
            yield connection
            whole = True
        finally:
            if not whole:
                await self.close()

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


async def notices(line: Line, channels: tuple[str, ...]) -> AsyncIterator[tuple[str, list[str]] | None]:
    """What is said on these channels, as (channel, items). None each time that listening has begun (again): whatever
    was said before then was missed.
    """
    while True:
        try:
            async with line.held() as connection:
                for channel in channels:
                    await connection.execute(f"listen {channel}".encode())
                yield None
                async for notice in connection.notifies():
                    yield notice.channel, [item for item in notice.payload.split(",") if item]
        except psycopg.OperationalError:
            logger.warning("listening broke off", extra={"channels": list(channels)})
