"""`owner_link`: how the first owner gets in."""

from typing import Any

from workspace.accounts import actions
from workspace.common.commands import ProductCommand


class Command(ProductCommand):
    """Prints the path of a page that makes the first owner, or nothing once there is one."""

    help = "Prints a one-time path that makes the first owner (24 hours), or nothing once there is an owner."

    def handle(self, *args: Any, **options: Any) -> str | None:
        return actions.create_owner_link()
