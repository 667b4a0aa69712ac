"""Processes that a supervisor left behind when it was killed: remembered in the run folder, ended by the next one."""

import contextlib
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import psutil

from workspace.local.homes import Home

RECORD = "children.json"
_PATIENCE = 10.0  # PostgreSQL writes down what it holds in memory


@dataclass(frozen=True)
class Leftover:
    """A process as the kernel knew it: the number alone may belong to somebody else by now."""

    pid: int
    created: float
    stop_signal: int

    @classmethod
    def of(cls, pid: int, stop_signal: signal.Signals) -> Self | None:
        try:
            return cls(pid, psutil.Process(pid).create_time(), int(stop_signal))
        except psutil.Error:
            return None

    def process(self) -> psutil.Process | None:
        """The living process, None when it is gone or only a zombie is left."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.created) < 0.1
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def remember(home: Home, children: Iterable[Leftover]) -> None:
    home.write(RECORD, [[child.pid, child.created, child.stop_signal] for child in children])


def leftovers(home: Home) -> list[Leftover]:
    """Those of the last run that still live."""
    found = (Leftover(*fields) for fields in home.read(RECORD) or [])
    return [leftover for leftover in found if leftover.process() is not None]


def end_leftovers(home: Home) -> int:
    """End them, by force after ten seconds, and say how many there were. Call it with the home's lock held."""
    found = leftovers(home)
    for leftover in found:
        _signal(leftover, leftover.stop_signal)
    _, alive = psutil.wait_procs(
        [process for leftover in found if (process := leftover.process())], timeout=_PATIENCE if found else 0
    )
    for process in alive:
        _signal(next(leftover for leftover in found if leftover.pid == process.pid), signal.SIGKILL)
    return len(found)


def _signal(leftover: Leftover, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leftover.pid, number)
