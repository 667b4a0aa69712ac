"""Whether this process has the ATRIUM_KEY that the database's keys are wrapped by.

With another one nothing could be read, and a runner would end every waiting answer as failed: it must not start.
"""

from typing import Any

import psycopg
from django.conf import settings

from workspace.common import schema
from workspace.config.databases import LOGIN_OF
from workspace.runs.connections import address


def is_ours(mark: tuple[Any, ...] | None) -> bool:
    """`mark` is what KEY_FIND found; a database without one was not migrated yet, and belongs to whoever does it."""
    return not (mark and mark[0]) or mark[0] == schema.key_mark(settings.ATRIUM_KEY)


def is_known_to_be_another() -> bool:
    """Asks the database, on a connection of its own. False as well while it cannot be asked: readiness asks again."""
    try:
        with psycopg.connect(address(LOGIN_OF[settings.ATRIUM_ROLE])) as connection:
            return not is_ours(connection.execute(schema.KEY_FIND).fetchone())
    except psycopg.OperationalError:
        return False
