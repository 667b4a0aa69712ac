"""`verify_audit`: recomputes the audit chains."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.verification import Verdict, verify
from workspace.accounts.models import Workspace
from workspace.common.work import unit


class Command(BaseCommand):
    """Prints a line for each workspace; ends with status 1 when one chain does not hold."""

    help = "Recomputes every audit chain and names the first link that does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", type=UUID, help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        workspaces = Workspace.objects.using("sweep").order_by("created_at", "id")
        if only := options["workspace"]:
            workspaces = workspaces.filter(id=only)
        ids = list(workspaces.values_list("id", flat=True))
        if only and not ids:
            raise CommandError("there is no such workspace")
        broken = 0
        for workspace in ids:
            with unit(workspace):
                verdict = verify()
            broken += verdict.broken is not None
            self.stdout.write(f"{workspace} {_told(verdict)}")
        if broken:
            raise CommandError(f"{broken} of {len(ids)} audit chains do not hold")


def _told(verdict: Verdict) -> str:
    at = f"links={verdict.links} head={verdict.head.hex()} waiting={verdict.waiting}"
    if verdict.broken is None:
        return f"ok {at}"
    place = "outside" if verdict.broken.sequence is None else f"link {verdict.broken.sequence}"
    return f"broken at {place}: {verdict.broken.fault} entry={verdict.broken.entry_id} {at}"
