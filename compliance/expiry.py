"""The sweep that ends what is over: hidden, deleted, its key destroyed, looked for, and recorded.

What is over is decided twice by the database's clock: when it is found, and again in the transaction that deletes it,
under its lock. A kill at any point leaves a thing whole, hidden, or gone; the next sweep goes on from there. One that
cannot be purged is written down and holds up no other.
"""

import logging
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connection

from compliance.conf import ComplianceConf
from compliance.errors import StillThere
from compliance.retention import Decision, Governance, State, decide
from workspace.common import audit, keys, retention
from workspace.common.audit import AuditEvent
from workspace.common.errors import AtriumError
from workspace.common.retention import Item, RetentionTarget
from workspace.common.work import unit

logger = logging.getLogger(__name__)

BATCH: Final = 200


def expire() -> int:
    """Ends everything that is due in all workspaces now. Returns how many things, or rows of short-lived content."""
    # Nobody can set rules or holds yet: only the life of temporary things and the grace after deletion count.
    grace = max(ComplianceConf.from_environment().deletion_grace, retention.UNDO)
    governance = Governance(grace)
    ended = sum(_expire(target, governance) for target in retention.targets())
    return ended + sum(_attempted(content.purge, content.name, "") for content in retention.short_lived())


def _expire(target: RetentionTarget, governance: Governance) -> int:
    ended, after = 0, None
    while items := target.due(governance.grace, after, BATCH):
        for item in items:
            ending = Ending(target, item, governance)
            ended += _attempted(ending.run, target.name, str(item.id))
        after = items[-1].id
    return ended


def _attempted(end: Callable[[], int], name: str, item: str) -> int:
    try:
        return end()
    except (AtriumError, DatabaseError):
        logger.exception("something that is over could not be purged", extra={"target": name, "item": item})
        return 0


class Ending:
    """The end of one thing, in two transactions: so that it stays hidden where it cannot be deleted."""

    def __init__(self, target: RetentionTarget, item: Item, governance: Governance) -> None:
        self.target, self.item, self.governance = target, item, governance

    def run(self) -> int:
        """1 when the thing went, 0 when there was nothing to do any more.

        Raises:
            StillThere: it was deleted, and something of it was found: the deletion is undone.
        """
        return int(self._hide() and self._purge())

    def _due(self) -> tuple[Item, Decision] | None:
        """The thing under its lock, if it is due at this transaction's time."""
        item = self.target.locked(self.item.id)
        if item is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute("select now()")
            (now,) = cursor.fetchone()
        decision = decide(item, self.governance, now)
        return (item, decision) if decision.state is State.DUE else None

    def _hide(self) -> bool:
        with unit(self.item.workspace):
            found = self._due()
            if found and found[0].deleted_at is None:
                self.target.hide(self.item.id)
        return found is not None

    def _purge(self) -> bool:
        target, item = self.target, self.item
        with unit(item.workspace):
            found = self._due()
            if found is None:
                return False
            rows = target.delete(item.id)
            if target.key_owner is not None:
                keys.destroy(target.key_owner, item.id)
            if not target.is_absent(item.id):
                raise StillThere(params={"target": target.name})
            details = {"cause": found[1].cause.value, "rows": rows}
            audit.record(AuditEvent(f"{target.name}.purge", None, target.name, item.id, details))
        return True
