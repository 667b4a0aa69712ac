"""`revoke_key`: ends access tokens at once, with everything that was opened with them."""

from typing import Any

from django.core.management.base import CommandParser

from workspace.accounts import queries, tokens
from workspace.common.commands import ProductCommand
from workspace.common.work import unit


class Command(ProductCommand):
    """Ends every token of this name that the person has in the workspace."""

    help = "Ends a person's access tokens of one name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--workspace", help="its name or id; else the person's first")

    def handle(self, *args: Any, **options: Any) -> None:
        user = queries.person_with(options["email"])
        with unit(queries.own_workspace(user.id, options["workspace"]), user.id):
            tokens.revoke_tokens_named(user.id, options["name"])
