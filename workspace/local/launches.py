"""How a child process is started: own session, no terminal, and it does not outlive its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from workspace.local.errors import StartFailed

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_C_LIBRARY = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Launch:
    """One start of one program.

    `user` is the uid and gid to drop to, None to stay. `orphan_signal` is what the kernel sends when the parent dies
    (Linux; elsewhere `watch` does it). `descriptors` stay open in the child under the same numbers.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    descriptors: tuple[int, ...] = field(default=())

    def options(self, log: int) -> dict[str, Any]:
        """Keyword arguments for `subprocess.Popen` and `asyncio.create_subprocess_exec`; `log` takes what it says.

        Start it from a thread that lives on: the kernel counts the end of the starting thread as the parent's end.
        """
        options: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": log,
            "stderr": subprocess.STDOUT,
            "env": dict(self.environment),
            "cwd": self.folder,
            "start_new_session": True,  # Ctrl-C in the terminal is the parent's alone; the group can be killed whole
            "pass_fds": self.descriptors,
            "preexec_fn": _leash(self.orphan_signal),
        }
        if self.user is not None:
            options |= {"user": self.user, "group": self.user, "extra_groups": []}
        return options

    def spawn(self, log: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self.arguments, **self.options(log))


class Part(Protocol):
    """Something that can be launched again and again, and asked whether it serves."""

    @property
    def port(self) -> int:
        """Where it listens; 0 when it does not."""

    def launch(self) -> Launch:
        """Make ready what the program needs and say how to start it; called before every start."""

    def is_ready(self) -> bool | None:
        """Whether it answers now; None when it cannot be asked. Blocks for two seconds at most."""


def start(part: Part, log: Path, name: str, within: float) -> "subprocess.Popen[bytes]":
    """Start a part as a child of this process and wait until it serves.

    Raises:
        StartFailed: it ended, or did not serve within so many seconds; then it has been ended.
    """
    output = open_log(log)
    try:
        process = part.launch().spawn(output)
    finally:
        os.close(output)
    deadline = time.monotonic() + within
    while not part.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise StartFailed(f"{name} did not start:\n{last_lines(log)}")
        time.sleep(0.02)
    return process


def open_log(path: Path) -> int:
    """A descriptor that appends, so that the file may be cut while a process writes to it. The caller closes it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, for an error that a person reads."""
    try:
        text = path.read_bytes()[-8_000:].decode(errors="replace")
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(text.splitlines()[-count:])


def _leash(orphan_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child does between fork and exec: ask the kernel for a signal at the parent's death.

    It runs after the change of user, because that change clears the request (prctl(2)).
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def ask() -> None:
        _C_LIBRARY.prctl(_PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the request was made
            os._exit(1)

    return ask
