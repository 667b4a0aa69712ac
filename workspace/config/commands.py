"""Django's command line, with the settings of this product."""

from django.core.management import execute_from_command_line

from workspace.common import environment


def execute(arguments: list[str]) -> None:
    """Runs one of Django's or the product's own commands."""
    environment.decide("DJANGO_SETTINGS_MODULE", "workspace.config.settings")
    if arguments[1:2] == ["migrate"]:
        environment.decide("ATRIUM_ROLE", "owner")
    execute_from_command_line(arguments)
