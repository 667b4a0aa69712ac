"""Lists by keyset: a page goes on after the last row that was seen, so writes in between neither skip nor repeat a row.

A cursor is opaque and authenticated. It holds the sort key of one row and works for one person's one list only.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from django.conf import settings
from django.db import models
from django.db.models import Q
from pydantic import Field

from workspace.common.bodies import Query
from workspace.common.errors import FieldError, Invalid
from workspace.common.work import here

M = TypeVar("M", bound=models.Model)
V = TypeVar("V")

DEFAULT_LIMIT: Final = 30
_MAC: Final = 16


class PageQuery(Query):
    """The two parameters of every list; a list with filters extends it."""

    limit: Annotated[int, Field(ge=1, le=100)] = DEFAULT_LIMIT
    cursor: Annotated[str, Field(max_length=1000)] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """By what a list is sorted. `name` says which list, with its filters: a cursor works for no other.

    `fields` end in one that is unique. Their types are datetime, UUID, int or str; none may be null.
    """

    name: str
    fields: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[V]):
    """One page, and the cursor of the next, None at the end."""

    items: list[V]
    next_cursor: str | None

    def body(self, shown: Callable[[V], Any]) -> dict[str, Any]:
        """The answer's body, each item as `shown` shows it."""
        return {"items": [shown(item) for item in self.items], "next_cursor": self.next_cursor}


def page(rows: "models.QuerySet[M]", order: Order, query: PageQuery) -> Page[M]:
    """The page of `rows` that the query asks for, in one statement.

    Raises:
        Invalid: the cursor was made up, changed, or made for another list.
    """
    if query.cursor is not None:
        rows = rows.filter(_after(order, opened(query.cursor, order)))
    by = [f"-{field}" if order.descending else field for field in order.fields]
    found = list(rows.order_by(*by)[: query.limit + 1])
    items, more = found[: query.limit], len(found) > query.limit
    last = sealed([getattr(items[-1], field) for field in order.fields], order) if more else None
    return Page(items, last)


def _after(order: Order, values: list[Any]) -> Q:
    """Row-wise comparison, spelt out. The bound on the first field alone is what lets an index begin at the place."""
    beyond = "lt" if order.descending else "gt"
    found, equal = Q(), Q()
    for field, value in zip(order.fields, values, strict=True):
        found |= equal & Q((f"{field}__{beyond}", value))
        equal &= Q((field, value))
    return Q((f"{order.fields[0]}__{beyond}e", values[0])) & found


def sealed(values: list[Any], order: Order) -> str:
    """The cursor that stands after a row with these sort keys."""
    text = orjson.dumps(values)
    return base64.urlsafe_b64encode(_mac(text, order) + text).rstrip(b"=").decode()


def opened(cursor: str, order: Order) -> list[Any]:
    """The sort keys in a cursor.

    Raises:
        Invalid: the cursor was made up, changed, or made for another list or person.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not hmac.compare_digest(raw[:_MAC], _mac(raw[_MAC:], order)):
        raise Invalid(errors=(FieldError("cursor", "invalid_cursor", "Start the list again without a cursor."),))
    values: list[Any] = orjson.loads(raw[_MAC:])
    return values


def _mac(text: bytes, order: Order) -> bytes:
    bound = f"cursor\0{here().workspace}\0{here().user}\0{order.name}\0".encode()
    return hmac.new(settings.SECRET_KEY.encode(), bound + text, hashlib.sha256).digest()[:_MAC]
