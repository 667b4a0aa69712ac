"""`role_passwords`: for whoever makes the database roles by hand."""

from typing import Any

from django.conf import settings

from workspace.common import roles
from workspace.common.commands import ProductCommand


class Command(ProductCommand):
    """Prints the derived password of each role that logs in."""

    help = "Prints the database roles that log in, each with the password that SECRET_KEY derives for it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for role in roles.LOGINS:
            self.stdout.write(f"{role} {roles.password(role, settings.SECRET_KEY)}")
