"""`run`: one process of the product in the foreground."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workspace.common import schema
from workspace.config import custody
from workspace.config.processes import PROCESSES


class Command(BaseCommand):
    """What a unit file or a container starts."""

    help = "Runs one process of the product in the foreground."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=list(PROCESSES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises:
        CommandError: the database was sealed under another key; with a status that no supervisor should try again.
        """
        name = options["process"]
        if name != "engine" and custody.is_known_to_be_another():
            raise CommandError(schema.OTHER_KEY, returncode=os.EX_CONFIG)
        PROCESSES[name]()
