"""Is this process alive, and can it serve?"""

import asyncio
from collections.abc import Awaitable, Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

from workspace.common import schema
from workspace.common.views import only_read
from workspace.common.work import outside
from workspace.config import custody

SECONDS = 3.0


@only_read
async def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the event loop turns."""
    return JsonResponse({"status": "live"})


@only_read
async def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served, else 503; `parts` says what is missing.

    The broker's absence delays jobs and stops no request, so it is told and does not take the process out of service.
    """
    database, broker = await asyncio.gather(_answers(_database), _answers(_broker))
    parts = {"database": database, "broker": broker}
    serves = database == "ok"
    told = {"status": "ready" if serves else "unavailable", "parts": parts}
    return JsonResponse(told, status=200 if serves else 503)


async def _answers(probe: Callable[[], Awaitable[str]]) -> str:
    try:
        return await asyncio.wait_for(probe(), SECONDS)
    except (TimeoutError, OSError, DatabaseError, RedisError):
        return "unreachable"


async def _database() -> str:
    return await outside(_schema)


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute(schema.KEY_FIND)
        if not custody.is_ours(cursor.fetchone()):
            return "another ATRIUM_KEY"
    return "migrations are missing" if _missing() else "ok"


def _missing() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


async def _broker() -> str:
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
    try:
        await client.ping()
    finally:
        await client.aclose()
    return "ok"
