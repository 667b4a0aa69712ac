"""The column type of content."""

from typing import TYPE_CHECKING, Any

from django.db import models

from workspace.common.contracts import KeyOwner

if TYPE_CHECKING:
    Binary = models.BinaryField[Any, Any]  # bytes to write; bytes or a memoryview to read
else:
    Binary = models.BinaryField


class SealedField(Binary):
    """Bytes that only `sealed.write` writes and `sealed.read` reads: the one form in which a person's words are stored.

    `owner_field` names the column of the same row that holds the id of the key's owner.
    """

    def __init__(self, owner_kind: KeyOwner = KeyOwner.WORKSPACE, owner_field: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.owner_kind, self.owner_field = owner_kind, owner_field
