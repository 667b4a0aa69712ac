"""Other homes on this machine in which an Atrium runs: what somebody who looks in the wrong place may have meant."""

from pathlib import Path

import psutil

from workspace.local.homes import LOCK


def running_homes() -> list[Path]:
    """As far as this user may see: each `up` keeps the lock of its home open."""
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if not any(word.endswith("manage.py") for word in words) or words[-1] != "up":
            continue
        try:
            opened = [Path(file.path) for file in process.open_files()]
        except psutil.Error:
            continue
        found |= {path.parent.parent for path in opened if path.name == LOCK and path.parent.name == "run"}
    return sorted(found)


def hint() -> str:
    """A sentence for a person whose home is empty; empty where nothing runs elsewhere."""
    homes = running_homes()
    return f" One runs elsewhere: give ATRIUM_HOME={homes[0]} to reach it." if homes else ""
