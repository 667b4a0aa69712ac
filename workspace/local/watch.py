"""Ends the children of a supervisor that was killed, where the kernel does not (everywhere but on Linux).

Run as `python -m workspace.local.watch`. Standard input carries one line a change, `PID:SIGNAL PID:SIGNAL ...`; its end
means that the supervisor is gone: then every process group of the last line gets its signal.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from workspace.local.homes import CHECKOUT


class Watch:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workspace.local.watch"],
            stdin=subprocess.PIPE,
            cwd=CHECKOUT,
            text=True,
            start_new_session=True,
        )

    def tell(self, signals: Mapping[int, int]) -> None:
        """Name all children that live now, each with the signal for the day that this process dies."""
        print(*(f"{pid}:{number}" for pid, number in signals.items()), file=self.process.stdin, flush=True)

    def close(self) -> None:
        """End the watch in peace."""
        self.tell({})
        self.process.communicate()


def last_told(lines: Iterable[str]) -> dict[int, int]:
    """Read to the end; the signal of each process group in the last line."""
    told = ""
    for line in lines:
        told = line
    return {int(pid): int(number) for pid, _, number in (item.partition(":") for item in told.split())}


def main(source: TextIO) -> None:
    for pid, number in last_told(source).items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)


if __name__ == "__main__":
    main(sys.stdin)
