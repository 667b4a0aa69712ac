import contextlib
import os
import signal
import stat
import subprocess
import sys
import sysconfig
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.local.running import Running, command, lives, spawned, stand_ins, started, until
from workspace.local.credentials import kept_secret
from workspace.local.postgres import NOBODY

pytestmark = pytest.mark.slow


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    with stand_ins(folder) as it:
        yield it


def ask(running: Running) -> int:
    """The process that answers a request."""
    with urllib.request.urlopen(f"{running.status()['url']}/health/ready", timeout=5) as answer:  # noqa: S310
        return int(answer.read())


def database(running: Running) -> "psycopg.Connection[Any]":
    password = kept_secret(running.folder / "home" / "postgres" / "password")
    port = running.child("postgres")["port"]
    return psycopg.connect(f"postgresql://atrium_bootstrap:{password}@127.0.0.1:{port}/atrium", autocommit=True)


def interpreter_of_nobody() -> tuple[str, str]:
    """A Python that everybody may run, and where it finds the packages; root's own may lie in root's home."""
    packages = sysconfig.get_path("purelib")
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                [python, "-c", "import psutil, psycopg, rich, workspace.local"],
                check=True,
                user=NOBODY,
                group=NOBODY,
                extra_groups=[],
                env={"PYTHONPATH": packages},
                capture_output=True,
            )
            return python, packages
    pytest.skip("no Python and no checkout that an ordinary user can reach")


def test_tells_its_state_in_a_file_that_only_its_owner_reads(running: Running) -> None:
    path = running.folder / "home" / "run" / "status.json"

    status = running.status()

    assert set(status) == {"url", "owner_url", "home", "processes"}
    assert [process["name"] for process in status["processes"]] == ["valkey", "postgres", "web", "turns", "worker"]
    assert {frozenset(process) for process in status["processes"]} == {
        frozenset({"name", "pid", "state", "restarts", "port"})
    }
    assert {process["state"] for process in status["processes"]} == {"running"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ends_web_first_and_the_database_last_and_leaves_nothing(running: Running) -> None:
    pids = running.pids()

    code = running.end(signal.SIGINT)

    order = [line.split()[1] for line in "".join(running.said).split("Stopping")[1].splitlines() if "stopped" in line]
    assert code == 0
    assert order == ["web", "turns", "worker", "valkey", "postgres"]
    assert not [pid for pid in pids if lives(pid)]
    assert not (running.folder / "home" / "run" / "status.json").exists()


def test_a_closed_terminal_ends_it(running: Running) -> None:
    assert running.end(signal.SIGHUP) == 0


def test_a_later_start_finds_the_data_and_the_address_again(folder: Path) -> None:
    with stand_ins(folder) as running:
        url = running.status()["url"]
        with database(running) as connection:
            connection.execute("create table kept as select 'still here' as word")

    with stand_ins(folder) as running, database(running) as connection:
        assert connection.execute("select word from kept").fetchone() == ("still here",)
        assert running.status()["url"] == url


def test_a_program_that_ignores_the_request_to_end_is_killed(folder: Path) -> None:
    (folder / "slow-turns").touch()

    with stand_ins(folder) as running:
        turns = running.child("turns")["pid"]
        assert running.end() == 0

    assert not lives(turns)


def test_a_start_that_fails_shows_the_log_and_takes_everything_down(folder: Path) -> None:
    (folder / "crash-turns").touch()

    with started(["-m", "tests.local.stand_in", "up"], folder) as running:
        out, _ = running.process.communicate(timeout=60)

    assert running.process.returncode == 1
    assert "turns does not stay up" in out
    assert "turns crashes as told" in out
    assert "Traceback" not in out
    assert "postgres" in out.split("Stopping")[1]


@pytest.mark.kills
@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "turns", "worker"])
def test_a_killed_process_is_back_within_five_seconds_at_its_port(running: Running, name: str) -> None:
    before = running.child(name)

    os.kill(before["pid"], signal.SIGKILL)

    until(lambda: running.is_running(name, other_than=before["pid"]), seconds=5)
    assert running.child(name)["port"] == before["port"]
    assert running.child(name)["restarts"] == 1


@pytest.mark.kills
def test_requests_wait_while_web_is_away(running: Running) -> None:
    before = ask(running)

    os.kill(before, signal.SIGKILL)

    assert ask(running) != before


@pytest.mark.kills
def test_what_a_killed_process_had_started_ends_with_it(running: Running) -> None:
    grandchild = int((running.folder / "grandchild").read_text())
    worker = running.child("worker")["pid"]

    os.kill(worker, signal.SIGKILL)

    until(lambda: not lives(grandchild))
    until(lambda: running.is_running("worker", other_than=worker))


@pytest.mark.kills
def test_a_killed_supervisor_leaves_no_process_and_the_next_start_finds_the_data(folder: Path) -> None:
    with stand_ins(folder) as running:
        with database(running) as connection:
            connection.execute("create table kept as select 'still here' as word")
        pids = running.pids()

        running.end(signal.SIGKILL)

        until(lambda: not [pid for pid in pids if lives(pid)])

    with stand_ins(folder) as running, database(running) as connection:
        assert connection.execute("select word from kept").fetchone() == ("still here",)


def test_reload_replaces_web_and_turns_and_no_request_fails(running: Running) -> None:
    before = {name: running.child(name)["pid"] for name in ("web", "turns", "worker", "postgres")}

    reloading = subprocess.Popen(
        [sys.executable, "manage.py", "reload"], env={"ATRIUM_HOME": str(running.folder / "home")}
    )
    answered = {ask(running)}
    while reloading.poll() is None:
        answered.add(ask(running))

    after = {name: running.child(name)["pid"] for name in before}
    assert reloading.returncode == 0
    assert answered == {before["web"], after["web"]}
    assert after["turns"] != before["turns"]
    assert after["worker"] == before["worker"]
    assert after["postgres"] == before["postgres"]
    assert running.child("web")["restarts"] == 0


def test_a_reload_that_does_not_come_up_leaves_the_old_processes_at_work(running: Running) -> None:
    before = running.child("web")["pid"]
    (running.folder / "crash-web").touch()

    done = command(running.folder, "reload")

    assert done.returncode == 1
    assert "the old one goes on" in done.stdout
    assert ask(running) == before


@pytest.mark.usefixtures("as_root")
def test_runs_wholly_as_an_ordinary_user(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    python, packages = interpreter_of_nobody()
    command = [python, "-m", "tests.local.stand_in", "up"]

    with spawned(command, folder, {"PYTHONPATH": packages, "HOME": "/nonexistent"}, NOBODY) as running:
        running.said_line("ready ")
        users = {psutil.Process(pid).uids().effective for pid in running.pids()}
        with database(running) as connection:
            assert connection.execute("select 1").fetchone() == (1,)

    assert users == {NOBODY}


def test_two_homes_run_side_by_side(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()

    with stand_ins(folder / "one") as one, stand_ins(folder / "two") as two:
        assert ask(one) != ask(two)
        assert {process["port"] for process in one.status()["processes"]} & {
            process["port"] for process in two.status()["processes"]
        } == {None}
