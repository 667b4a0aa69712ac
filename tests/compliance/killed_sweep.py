"""Runs the sweep in a process of its own, which kills itself just before a step: `killed_sweep.py STEP`."""

import os
import signal
import sys
from uuid import UUID

import django

if __name__ == "__main__":
    django.setup()

    from compliance.expiry import expire
    from tests.compliance.documents import Documents
    from workspace.common import retention

    def end_at(name: str, item: UUID) -> None:
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    retention.register(Documents(end_at))
    expire()
