"""The test bed: one throw-away PostgreSQL and Valkey a session, shared by its workers, and a database for each of them.

The first worker that needs a database has `manage.py migrate` build a template; everybody clones it. Tests connect as
`atrium_web`, like the product; only set-up and tear-down use the superuser of the throw-away cluster.
"""

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from workspace.common import roles
from workspace.local.postgres import Postgres
from workspace.local.valkey import Valkey

ROOT = Path(__file__).parent.parent
TEMPLATE = "atrium_template"
# Names the bed for the workers, which inherit the environment of the process that started it.
SUPERUSER_URL = "ATRIUM_TEST_SUPERUSER_URL"
LOCK = "ATRIUM_TEST_LOCK"
# How often a test's rows are taken away beside a process that works on them.
ATTEMPTS = 20


class Bed:
    """Started by the process that runs the session, never by a worker."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="atrium-test-"))
        self.folder.chmod(0o711)  # as root, PostgreSQL runs as nobody and has to pass
        self.postgres = Postgres(self.folder / "postgres")
        self.valkey = Valkey(self.folder / "valkey")

    def start(self) -> None:
        """Starts the servers and says in the environment where they are, before Django's settings read it."""
        self.postgres.start()
        self.valkey.start()
        lock = self.folder / "lock"
        lock.touch()
        os.environ.update(
            {
                SUPERUSER_URL: self.postgres.url,
                LOCK: str(lock),
                "DATABASE_URL": f"postgresql://127.0.0.1:{self.postgres.port}/{TEMPLATE}",
                "REDIS_URL": self.valkey.url,
                "SECRET_KEY": secrets.token_urlsafe(32),
                "ATRIUM_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "ATRIUM_HOME": str(self.folder / "home"),
                "ATRIUM_ROLE": "web",
            }
        )
        with superuser() as connection:
            connection.execute("alter system set fsync = off")  # nobody will need this data after a power cut
            connection.execute("select pg_reload_conf()")

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def take_broker(number: int) -> None:
    """Gives this worker one of Valkey's 16 databases to itself: a test may empty the cache or the queue."""
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()


def url_of(database: str) -> str:
    """The superuser's address of a database."""
    return urlsplit(os.environ[SUPERUSER_URL])._replace(path=f"/{database}").geturl()


@contextmanager
def superuser(database: str = "postgres") -> Iterator[psycopg.Connection]:
    with psycopg.connect(url_of(database), autocommit=True) as connection:
        yield connection


def clone(name: str) -> None:
    """A fresh database of this name, with the schema and the roles' right to connect."""
    with superuser() as connection:
        connection.execute("select pg_advisory_lock(1)")  # ends with the connection
        if not connection.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
            migrate(connection)
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
        # Who may connect belongs to the database and is not cloned.
        for statement in roles.cluster_statements(name, os.environ["SECRET_KEY"], superuser=True):
            connection.execute(statement.sql.encode())


def migrate(connection: psycopg.Connection) -> None:
    """Builds the template by the product's own command. A failed migration leaves none."""
    name = f"{TEMPLATE}_new"
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    command = [sys.executable, "manage.py", "migrate"]
    environment = os.environ | {"DATABASE_URL": url_of(name), "ATRIUM_ROLE": "owner"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"migrate failed:\n{done.stdout}{done.stderr}")
    rename = sql.SQL("alter database {} rename to {}")
    connection.execute(rename.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))


def filled(database: str) -> list[str]:
    """The tables that have ever held a row since they were last truncated.

    It asks the files: under forced row level security the owner would count none.
    """
    question = """select relname from pg_class
                  where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0"""
    with superuser(database) as connection:
        return [name for (name,) in connection.execute(question)]


def empty(database: str, *, keep: list[str]) -> None:
    """Takes away what a test committed. As superuser, since no role of the product may TRUNCATE."""
    tables = [sql.Identifier(name) for name in filled(database) if name not in keep]
    if not tables:
        return
    statement = sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(tables))
    with superuser(database) as connection:
        connection.execute("set lock_timeout = '10s'")  # a transaction that a test left open is named, not waited for
        connection.execute("set session_replication_role = replica")  # append-only tables refuse otherwise
        # A process beside the test takes its locks in another order. It is let go first, and may begin again at once.
        connection.execute("set deadlock_timeout = '50ms'")
        for _ in range(ATTEMPTS - 1):
            with suppress(psycopg.errors.DeadlockDetected):
                connection.execute(statement)
                return
        connection.execute(statement)
