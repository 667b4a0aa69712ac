"""`create_user`: a person in a workspace that is there already."""

from typing import Any

from django.core.management.base import CommandParser

from workspace.accounts import actions, queries
from workspace.accounts.models import Role
from workspace.common.commands import ProductCommand, given_password


class Command(ProductCommand):
    """The password comes from standard input."""

    help = "Makes a person and lets them into a workspace. The password is read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--workspace", help="its name or id; may be left out where there is only one")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER.value)
        parser.add_argument("--name", default="", help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = queries.workspace_named(options["workspace"], queries.every_workspace())
        role = Role(options["role"])
        actions.create_user(workspace, options["email"], given_password(), role=role, name=options["name"])
