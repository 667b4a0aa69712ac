"""What `make test` runs: one pytest session over every lane, alone on the machine.

Ordinary tests share two workers. A test that kills processes has the machine to itself (`tests.lanes`). FAST=1 leaves
out the lanes kills, browser and slow. Further arguments go to pytest.
"""

import fcntl
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

LOCK = pathlib.Path(tempfile.gettempdir()) / "atrium-make-test.lock"
LEFT_OUT_WHEN_FAST = ("kills", "browser", "slow")


@contextmanager
def machine() -> Iterator[None]:
    """One whole suite at a time on a machine, whoever runs it: figures and kills would disturb another's.

    The file is opened for reading, because Linux refuses O_CREAT on another user's file in a sticky folder.
    """
    if not LOCK.exists():
        LOCK.touch(mode=0o644)
    with LOCK.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"another suite runs on this machine; waiting for {LOCK}\n")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def arguments() -> list[str]:
    chosen = ["--numprocesses=2", "--dist=loadgroup"]
    if os.environ.get("FAST") == "1":
        chosen += ["-m", " and ".join(f"not {lane}" for lane in LEFT_OUT_WHEN_FAST)]
    return chosen + sys.argv[1:]


if __name__ == "__main__":
    with machine():
        sys.exit(pytest.main(arguments()))
