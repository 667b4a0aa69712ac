"""`seed`: many chats, and one of many messages, for measurements."""

from typing import Any

from django.core.management.base import CommandParser

from workspace.accounts import queries
from workspace.chat import seeding
from workspace.common.commands import ProductCommand
from workspace.common.work import unit


class Command(ProductCommand):
    """Fills the first workspace of a person with chats, and prints the id of the long one."""

    help = "Makes many chats, and one of many messages, for measurements; prints the id of the long one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--chats", type=int, default=0, help="how many chats without messages")
        parser.add_argument("--messages", type=int, default=0, help="how many messages the long chat has")

    def handle(self, *args: Any, **options: Any) -> str:
        user = queries.person_with(options["email"])
        workspace = queries.own_workspace(user.id, None)
        with unit(workspace, user.id):
            seeding.seed_conversations(user.id, options["chats"])
        if not options["messages"]:
            return ""
        with unit(workspace, user.id):
            return str(seeding.seed_messages(user.id, options["messages"]))
