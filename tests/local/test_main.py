import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.running import Running, command, lives, stand_ins, started

pytestmark = pytest.mark.slow


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    with stand_ins(folder) as it:
        yield it


def test_status_says_what_runs_as_the_contract_has_it(running: Running) -> None:
    told = command(running.folder, "status", "--json")

    assert told.returncode == 0
    assert json.loads(told.stdout) == running.status()


def test_status_for_people_names_each_process(running: Running) -> None:
    told = command(running.folder, "status")

    assert all(f"{name} " in told.stdout for name in ("postgres", "valkey", "web", "turns", "worker"))
    assert "\x1b" not in told.stdout


def test_down_ends_it_from_another_terminal_and_waits(running: Running) -> None:
    pids = running.pids()

    told = command(running.folder, "down")

    assert told.returncode == 0
    assert not [pid for pid in pids if lives(pid)]


def test_a_second_up_on_the_same_home_says_what_to_do(running: Running) -> None:
    told = command(running.folder, "up")

    assert told.returncode == 1
    assert "already running" in told.stdout
    assert "manage.py down" in told.stdout
    assert running.is_running("web")


def test_without_a_running_one_each_command_says_so(folder: Path) -> None:
    status, machine = command(folder, "status"), command(folder, "status", "--json")
    down, reload = command(folder, "down"), command(folder, "reload")

    assert (status.returncode, machine.returncode, down.returncode, reload.returncode) == (1, 1, 0, 1)
    assert "Nothing runs" in status.stdout
    assert json.loads(machine.stdout)["processes"] == []
    assert "make up" in reload.stdout


def test_a_setting_that_cannot_be_used_is_named(folder: Path) -> None:
    with started(["manage.py", "up"], folder, ATRIUM_PORT="eighty") as running:
        out, _ = running.process.communicate(timeout=30)

    assert running.process.returncode == 1
    assert "ATRIUM_PORT takes a whole number" in out


def test_a_taken_port_is_told_and_the_next_one_used(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        elsewhere = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
        with started(["manage.py", "up"], folder, ATRIUM_PORT=str(taken), **elsewhere) as running:
            told = running.said_line(f"  --  port {taken} is taken")

    assert "listens on" in told
