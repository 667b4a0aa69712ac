"""A supervisor in a process of its own, as a test sees it from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from workspace.local.homes import CHECKOUT

SECONDS = 15.0
Found = TypeVar("Found")


def environment(folder: Path) -> dict[str, str]:
    """What a fresh terminal would have, and a home in this folder."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "HOME", "PYTHONPATH"}}
    return kept | {"ATRIUM_HOME": str(folder / "home"), "ATRIUM_PORT": "0", "STAND_IN": str(folder)}


def until(question: Callable[[], Found], seconds: float = SECONDS) -> Found:
    """What the question answers as soon as that is true of anything."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "nothing came of it in time"
        time.sleep(0.02)  # the other side is a process, which sets no event
    return answer


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Running:
    process: "subprocess.Popen[str]"
    folder: Path
    said: list[str]

    def status(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / "home" / "run" / "status.json").read_bytes())
        except FileNotFoundError:
            return {"processes": []}
        return found

    def child(self, name: str) -> dict[str, Any]:
        return next((process for process in self.status()["processes"] if process["name"] == name), {"state": None})

    def is_running(self, name: str, *, other_than: int | None = None) -> bool:
        child = self.child(name)
        return bool(child["state"] == "running" and child["pid"] != other_than)

    def pids(self) -> list[int]:
        return [process["pid"] for process in self.status()["processes"]]

    def said_line(self, start: str) -> str:
        """The next line that begins so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith(start):
                return str(line.rstrip())
        raise AssertionError("".join(self.said))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60)
        self.said.append(out)
        return self.process.returncode


@contextmanager
def stand_ins(folder: Path, **more: str) -> Iterator[Running]:
    """Up, with `ready` said."""
    with started(["-m", "tests.local.stand_in", "up"], folder, **more) as running:
        running.said_line("ready ")
        yield running


@contextmanager
def started(arguments: list[str], folder: Path, **more: str) -> Iterator[Running]:
    with spawned([sys.executable, *arguments], folder, more) as running:
        yield running


@contextmanager
def spawned(arguments: list[str], folder: Path, more: dict[str, str], user: int | None = None) -> Iterator[Running]:
    process = subprocess.Popen(
        arguments,
        cwd=CHECKOUT,
        env=environment(folder) | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    running = Running(process, folder, [])
    try:
        yield running
    finally:
        if process.poll() is None:
            running.end()
        assert process.stdout is not None
        process.stdout.close()


def command(folder: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py` with these words, against this folder's home."""
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=environment(folder) | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
