"""How a process tells the supervisor that started it that it serves now. Needs no Django."""

import os

from workspace.common import environment


def say_ready() -> None:
    """Writes one byte to the descriptor ATRIUM_READY_FD, once; without a supervisor it does nothing."""
    handle = environment.number("ATRIUM_READY_FD", 0)
    if handle:
        os.write(handle, b"1")
        os.close(handle)
