"""Who gets what from every route. A route that is not listed here fails the suite.

For a route with a foreign object the answer is 404, and nothing in it tells that object from one that never was.
"""

from enum import Enum, auto

from tests.architecture.routes import every_route


class Access(Enum):
    """What a route asks of the caller before it answers."""

    EVERYBODY = auto()  # no credential
    SIGNED_IN = auto()  # a credential; the answer is about the caller
    OWNER_OF_OBJECT = auto()  # a credential, and the object in the address is the caller's


MATRIX: dict[str, Access] = {
    "GET /api/me": Access.SIGNED_IN,
}


def test_every_route_is_listed_and_every_listed_route_exists() -> None:
    routes = {str(route) for route in every_route()}

    assert routes - set(MATRIX) == set(), "say here who may use it"
    assert set(MATRIX) - routes == set(), "no such route"


def test_an_address_that_names_an_object_asks_whose_it_is() -> None:
    lax = [
        str(route)
        for route in every_route()
        if route.parameters and MATRIX.get(str(route)) is not Access.OWNER_OF_OBJECT
    ]

    assert not lax
