"""`migrate`: the product's database roles, then the schema, as the owner."""

from typing import Any

import psycopg
from django.conf import settings as django_settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import make_conninfo

from workspace.common import roles, schema


class Command(DjangoMigrate):
    """Makes the roles if whoever DATABASE_URL names may, else prints the SQL for whoever may; then migrates."""

    help = "Makes the database roles where they are missing, then brings the schema up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        settings = connections["default"].settings_dict
        if not settings["OPTIONS"].get("options"):
            raise CommandError("migrate runs with ATRIUM_ROLE=owner and a DATABASE_URL that names who may make roles")
        self._make_roles(settings)
        with connections["default"].cursor() as cursor:
            self._look_at_the_key(cursor)
            cursor.execute(schema.CLEAR)  # whatever happens now, or is undone, the next start looks again
        super().handle(*args, **options)
        executor = MigrationExecutor(connections["default"])
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with connections["default"].cursor() as cursor:
                cursor.execute(schema.set_mark())
                cursor.execute(schema.set_key_mark(django_settings.ATRIUM_KEY))

    def _look_at_the_key(self, cursor: CursorWrapper) -> None:
        """Raises:
        CommandError: the database's keys are wrapped by another ATRIUM_KEY.
        """
        cursor.execute(schema.KEY_FIND)
        found = cursor.fetchone()
        if found and found[0] not in {None, schema.key_mark(django_settings.ATRIUM_KEY)}:
            raise CommandError(schema.OTHER_KEY)

    def _make_roles(self, settings: dict[str, Any]) -> None:
        address = make_conninfo(
            host=settings["HOST"],
            port=settings["PORT"],
            user=settings["USER"],
            password=settings["PASSWORD"],
            dbname=settings["NAME"],
            connect_timeout=10,
            **roles.protection(settings["OPTIONS"]),
        )
        with psycopg.connect(address) as connection:
            row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
            statements = roles.cluster_statements(
                settings["NAME"], django_settings.SECRET_KEY, superuser=bool(row and row[0])
            )
            try:
                for statement in statements:
                    connection.execute(statement.sql.encode())
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()
                if not _is_set_up(address):
                    raise CommandError(_told(statements, settings["USER"])) from None


def _is_set_up(address: str) -> bool:
    """Whether somebody has made the roles already: this user may become the owner, and each role gets in."""
    asked = "select has_schema_privilege('public', 'create') and has_database_privilege(current_database(), 'create')"
    try:
        with psycopg.connect(address, options=f"-c role={roles.OWNER}") as connection:
            row = connection.execute(asked).fetchone()
        for role in roles.LOGINS:
            psycopg.connect(address, user=role, password=roles.password(role, django_settings.SECRET_KEY)).close()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


def _told(statements: list[roles.ClusterStatement], user: str) -> str:
    """The SQL for whoever may run it, with a place holder for each password."""
    shown = [s.sql.rsplit("'", 2)[0] + "'<see below>'" if s.secret else s.sql for s in statements]
    return (
        "this database user may not make roles. Let someone who may run this in this database, then migrate again:\n\n"
        + ";\n".join(shown).replace("current_user", f'"{user}"')
        + ";\n\nThe passwords: manage.py role_passwords prints them, one role a line."
    )
