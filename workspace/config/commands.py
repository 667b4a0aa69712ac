"""Django's command line, with the settings of this product."""

import sys

from django.core.management import execute_from_command_line

from workspace.common import environment

# As which database role a command connects; every other one connects as web.
ROLES = {("migrate",): "owner", ("run", "turns"): "runner"}


def execute(arguments: list[str]) -> None:
    """Runs one of Django's or the product's own commands."""
    environment.decide("DJANGO_SETTINGS_MODULE", "workspace.config.settings")
    for command, role in ROLES.items():
        if tuple(arguments[1 : 1 + len(command)]) == command:
            environment.decide("ATRIUM_ROLE", role)
    try:
        execute_from_command_line(arguments)
    except environment.EnvironmentValueError as error:
        sys.exit(str(error))
