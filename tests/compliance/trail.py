"""What the tests of the chain share: a runner's connection, sealing now, and a hand that can reach into the trail."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import connections

from compliance.sealer import Connection, seal_waiting
from compliance.verification import Verdict, verify
from tests.cast import Person
from workspace.common import audit, roles
from workspace.common.audit import AuditEvent
from workspace.common.work import unit

APPEND_ONLY = ("compliance_auditentry", "compliance_auditlink")


class RunnersLine:
    """A connection of atrium_runner, new each time it is asked for."""

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        named = connections["default"].settings_dict
        connection = await psycopg.AsyncConnection.connect(
            host=named["HOST"],
            port=int(named["PORT"]),
            dbname=named["NAME"],
            user=roles.RUNNER,
            password=roles.password(roles.RUNNER, settings.SECRET_KEY),
            autocommit=True,
        )
        async with connection:
            yield connection


def sealed_now() -> bool:
    """Seals what waits, as a runner does; whether nothing was left."""

    async def seal() -> bool:
        async with RunnersLine().held() as connection:
            return await seal_waiting(connection)

    return asyncio.run(seal())


def act(person: Person, times: int = 1) -> None:
    """Puts entries into the person's trail, one a transaction."""
    for count in range(times):
        with unit(person.workspace):
            audit.record(AuditEvent("thing.make", None, "thing", uuid4(), {"count": count, "名前": "código"}))


def verdict_on(workspace: UUID) -> Verdict:
    with unit(workspace):
        return verify()


@contextmanager
def forger(database_url: str, workspace: UUID) -> Iterator[psycopg.Connection]:
    """The owner of the tables, who has taken the triggers off and opened the workspace."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set role atrium_owner")
        connection.execute("select set_config('app.workspace', %s, false)", [str(workspace)])
        for table in APPEND_ONLY:
            connection.execute(f"alter table {table} disable trigger append_only".encode())
        try:
            yield connection
        finally:
            for table in APPEND_ONLY:
                connection.execute(f"alter table {table} enable trigger append_only".encode())
