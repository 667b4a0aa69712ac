"""Reading and writing the sealed columns of rows."""

from collections.abc import Sequence

from django.db import models

from workspace.common import keys
from workspace.common.ciphers import OpenedKey, Place
from workspace.common.fields import SealedField


def _field(row: models.Model, column: str) -> SealedField:
    field = row._meta.get_field(column)
    if not isinstance(field, SealedField):
        raise TypeError(f"{row._meta.label}.{column} is not a sealed column")
    return field


def _place(row: models.Model, column: str) -> Place:
    return Place(row._meta.db_table, str(row.pk), column)


def write(row: models.Model, column: str, plain: bytes, key: OpenedKey | None = None) -> None:
    """Puts sealed bytes into the row (which the caller saves). Without `key` the owner's key is opened for it.

    Raises:
        KeyDestroyed: the owner has no key.
    """
    field = _field(row, column)
    key = key or keys.open_one(field.owner_kind, getattr(row, field.owner_field))
    setattr(row, column, key.seal(plain, _place(row, column)))


def read(row: models.Model, column: str, key: OpenedKey | None = None) -> bytes:
    """The plain bytes of a sealed column; empty when nothing is stored.

    Raises:
        KeyDestroyed: the owner's key is gone.
        SealBroken: the bytes were changed or moved.
    """
    field, stored = _field(row, column), getattr(row, column)
    if stored is None:
        return b""
    key = key or keys.open_one(field.owner_kind, getattr(row, field.owner_field))
    return key.open(bytes(stored), _place(row, column))


def read_all(rows: Sequence[models.Model], column: str) -> list[bytes]:
    """The plain bytes of one column of many rows, in order, with all keys opened in one query.

    Raises:
        KeyDestroyed: the key of one of them is gone.
        SealBroken: the bytes of one of them were changed or moved.
    """
    if not rows:
        return []
    field = _field(rows[0], column)
    owners = [getattr(row, field.owner_field) for row in rows]
    found = keys.opened(field.owner_kind, owners)
    if missing := set(owners) - set(found):
        raise keys.KeyDestroyed(params={"missing": len(missing)})
    return [read(row, column, found[owner]) for row, owner in zip(rows, owners, strict=True)]
