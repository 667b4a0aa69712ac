"""`sweep`: what the clock is due to do, now."""

from typing import Any

from django.core.management.base import CommandError

from workspace.common import sweeps
from workspace.common.commands import ProductCommand


class Command(ProductCommand):
    """Prints a line for each sweep that did something."""

    help = "Does now what the clock is due to do, and prints what it did."

    def handle(self, *args: Any, **options: Any) -> None:
        done = sweeps.sweep_all()
        for swept in done:
            if swept.count:
                self.stdout.write(f"{swept.name} {swept.count}")
        if failed := [swept.name for swept in done if swept.failed]:
            raise CommandError(f"failed, see the log: {', '.join(failed)}")
