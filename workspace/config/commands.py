"""Django's command line, with the settings of this product."""

import sys
from typing import Final

from django.core.management import CommandError, ManagementUtility, get_commands
from django.core.management.base import BaseCommand

from workspace.common import environment

# As which database role a command connects; every other one connects as web.
ROLES: Final = {("migrate",): "owner", ("run", "turns"): "runner"}

# What Django brings and makes no sense here, and what does instead.
INSTEAD: Final = {
    "changepassword": "A person sets a new password on the sign-in page, under “Forgot your password?”.",
    "createsuperuser": "`manage.py create_owner` makes an owner, `manage.py create_user` a member.",
    "flush": "`manage.py down`, then remove the data folder: that is everything.",
    "runserver": "`make up` runs everything; `manage.py run web` runs the web process alone.",
    "testserver": "`make up` runs everything, `make test` the tests.",
}
_SUPERVISED: Final = {
    "up": "start everything, in the foreground",
    "down": "end a running one",
    "reload": "replace web and turns one after another",
    "status": "what runs",
    "doctor": "what is wrong, and what to do about it",
}
_OURS: Final = ("workspace.", "compliance", "inference")


class CommandLine(ManagementUtility):
    """Shows the product's own commands first, and refuses those that make no sense here."""

    def main_help_text(self, commands_only: bool = False) -> str:
        known = get_commands()
        if commands_only:
            return "\n".join(sorted(name for name in {*known, *_SUPERVISED} if name not in INSTEAD))
        ours = {name: self._purpose(name) for name, app in sorted(known.items()) if _is_ours(app)}
        lines = [f"  {name:<16}{purpose}" for name, purpose in {**_SUPERVISED, **ours}.items()]
        return "\n".join(
            [
                "manage.py COMMAND    (`manage.py help COMMAND` says more)",
                "",
                *lines,
                "",
                "`manage.py help --commands` lists Django's own too.",
            ]
        )

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Raises:
        CommandError: the command makes no sense here; the text says what does.
        """
        if subcommand in INSTEAD:
            raise CommandError(f"{subcommand} is not for Atrium. {INSTEAD[subcommand]}")
        return super().fetch_command(subcommand)

    def _purpose(self, name: str) -> str:
        return self.fetch_command(name).help


def _is_ours(app: str | BaseCommand) -> bool:
    return isinstance(app, str) and app.startswith(_OURS)


def execute(arguments: list[str]) -> None:
    """Runs one of Django's or the product's own commands."""
    environment.decide("DJANGO_SETTINGS_MODULE", "workspace.config.settings")
    for command, role in ROLES.items():
        if tuple(arguments[1 : 1 + len(command)]) == command:
            environment.decide("ATRIUM_ROLE", role)
    try:
        CommandLine(arguments).execute()
    except (environment.EnvironmentValueError, CommandError) as error:
        sys.exit(str(error))
