"""The base of the product's own commands."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workspace.common.errors import AtriumError


class ProductCommand(BaseCommand):
    """A command that tells an error in one line for each thing that is wrong, without a traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises:
        CommandError: what a person may be told.
        """
        try:
            return super().execute(*args, **options)
        except AtriumError as error:
            lines = [str(error), *(f"{fault.field}: {fault.detail}" for fault in error.errors)]
            raise CommandError("\n".join(lines)) from None


def given_password() -> str:
    """The first line of standard input; asked for without an echo where a person sits at it."""
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
