"""`create_owner`: a person and the workspace that they own."""

from typing import Any

from django.core.management.base import CommandParser

from workspace.accounts import actions
from workspace.common.commands import ProductCommand, given_password


class Command(ProductCommand):
    """The password comes from standard input."""

    help = "Makes a person and a workspace that they own. The password is read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--workspace", required=True, help="the new workspace's name")
        parser.add_argument("--name", default="", help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        actions.create_owner(options["email"], given_password(), options["workspace"], name=options["name"])
