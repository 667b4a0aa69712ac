"""A made-up kind of thing for the sweep to end: a row of the jobs' table with a data key of its own.

`due_at` is when it expires and `finished_at` when its person deleted it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import Q
from django.db.models.functions import Now

from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.models import DataKey, Job
from workspace.common.retention import Item
from workspace.common.work import unit

NAME: Final = "test.document"


def made(workspace: UUID, *, expires_in: float | None = None, deleted_ago: float | None = None) -> UUID:
    """A document. Times in seconds from the database's now; without `expires_in` nothing but its person ends it."""
    document = uuid4()
    with unit(workspace):
        keys.create(KeyOwner.DOCUMENT, document)
        Job.objects.create(
            id=document,
            name=NAME,
            subject_id=document,
            attempts=0 if expires_in is None else 1,
            due_at=Now() + timedelta(seconds=expires_in or 0),
            finished_at=None if deleted_ago is None else Now() - timedelta(seconds=deleted_ago),
        )
    return document


def left_of(workspace: UUID, document: UUID) -> tuple[bool, bool]:
    """Whether the row, and whether the key, is there."""
    with unit(workspace):
        key = DataKey.objects.filter(owner_kind=KeyOwner.DOCUMENT, owner_id=document)
        return Job.objects.filter(id=document).exists(), key.exists()


def hidden_at(workspace: UUID, document: UUID) -> datetime | None:
    """When it was hidden; None while it is not."""
    with unit(workspace):
        return Job.objects.values_list("finished_at", flat=True).get(id=document)


def _item(row: Job) -> Item:
    is_temporary = bool(row.attempts)
    return Item(
        workspace=row.workspace_id,
        id=row.id,
        created_at=row.created_at,
        is_temporary=is_temporary,
        expires_at=row.due_at if is_temporary else None,
        deleted_at=row.finished_at,
    )


class Documents:
    """The target. `step` is told the name of each step just before it is taken."""

    name = "document"
    models = (Job,)
    key_owner = KeyOwner.DOCUMENT

    def __init__(self, step: Callable[[str, UUID], None] = lambda name, item: None) -> None:
        self.step = step

    def due(self, grace: timedelta, after: UUID | None, limit: int) -> Sequence[Item]:
        over = Q(attempts=1, due_at__lte=Now()) | Q(finished_at__lte=Now() - grace)
        rows = Job.objects.using("sweep").filter(over, name=NAME)
        if after is not None:
            rows = rows.filter(id__gt=after)
        return [_item(row) for row in rows.order_by("id")[:limit]]

    def locked(self, item: UUID) -> Item | None:
        row = Job.objects.select_for_update().filter(id=item).first()
        return None if row is None else _item(row)

    def hide(self, item: UUID) -> None:
        self.step("hide", item)
        Job.objects.filter(id=item).update(finished_at=Now())

    def delete(self, item: UUID) -> int:
        self.step("delete", item)
        return Job.objects.filter(id=item).delete()[0]

    def is_absent(self, item: UUID) -> bool:
        self.step("look", item)
        return not Job.objects.filter(id=item).exists()
