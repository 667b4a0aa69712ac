"""What the tests of this room stand on: somebody at a browser."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.cast import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def at_browser(person: "Person") -> Client:
    """A browser in which they are signed in."""
    client = Client(headers={"Accept": "text/html"})
    client.force_login(person.user, backend=BACKEND)
    return client


@pytest.fixture
def browser(alice: "Person") -> Client:
    """Alice's browser."""
    return at_browser(alice)
