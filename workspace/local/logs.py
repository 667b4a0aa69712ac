"""Log files that stay small while processes append to them."""

import shutil
from pathlib import Path

LARGEST = 5_000_000  # bytes; one older generation is kept beside it


def trim(folder: Path) -> None:
    """Move what a large log holds into its `.1`, and empty it.

    Cut in place and not renamed: the processes hold the file open to append. A line that is written in the middle of
    this may be lost.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            log.with_name(f"{log.name}.1").chmod(0o600)
            with log.open("r+b") as file:
                file.truncate(0)
