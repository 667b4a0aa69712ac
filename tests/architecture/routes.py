"""Every address of the product with its methods, as the URLconf has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")
PARAMETER = re.compile(r"<(?:\w+:)?\w+>")
COLLECTION = re.compile(r"/(\w+)s/<")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address: `POST /api/conversations/<uuid:conversation>/turns`."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_an_object(self) -> bool:
        return PARAMETER.search(self.path) is not None

    @property
    def kind(self) -> str:
        """What is named: `conversation`, by the collection in front of the parameter."""
        found = COLLECTION.search(self.path)
        assert found, f"{self.path}: a parameter stands behind the name of its collection"
        return found[1]

    def address(self, value: object) -> str:
        """The path with its parameter filled in."""
        return PARAMETER.sub(str(value), self.path)


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from patterns(entry, path)


def methods(view: Any) -> list[str]:
    """What a view answers to; a function that does not say so is taken to answer to GET and POST."""
    if actions := getattr(view, "actions", None):
        return [method.upper() for method in METHODS if method in actions]
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if made_from is None:
        return ["GET", "POST"]
    return [method.upper() for method in METHODS if hasattr(made_from, method)]


def every_route() -> list[Route]:
    found = {Route(method, path) for path, view in patterns(get_resolver()) for method in methods(view)}
    return sorted(found, key=str)
