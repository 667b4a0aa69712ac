"""`create_key`: a personal access token."""

from typing import Any

from django.core.management.base import CommandParser

from workspace.accounts import queries, tokens
from workspace.accounts.permissions import EVERYTHING
from workspace.common.commands import ProductCommand
from workspace.common.work import unit


class Command(ProductCommand):
    """Prints the token alone, for the only time."""

    help = "Makes a personal access token of one workspace and prints it: the only time that it is shown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--workspace", help="its name or id; else the person's first")
        parser.add_argument("--scope", action="append", help="a capability; may be given again; else everything")
        parser.add_argument("--days", type=int, default=90, help="how long it lives")

    def handle(self, *args: Any, **options: Any) -> str:
        user = queries.person_with(options["email"])
        workspace = queries.own_workspace(user.id, options["workspace"])
        scopes = options["scope"] or [EVERYTHING]
        with unit(workspace, user.id):
            return tokens.create_token(user.id, options["name"], scopes=scopes, days=options["days"])
