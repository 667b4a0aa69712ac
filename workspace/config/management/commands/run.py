"""`run`: one process of the product in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workspace.config.processes import PROCESSES


class Command(BaseCommand):
    """What a unit file or a container starts."""

    help = "Runs one process of the product in the foreground."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=list(PROCESSES))

    def handle(self, *args: Any, **options: Any) -> None:
        PROCESSES[options["process"]]()
