from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from tests.cast import Person
from workspace.accounts.sessions import BACKEND

Entered = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def entered() -> Entered:
    """A browser that somebody is signed in with."""

    def enter(person: Person) -> Client:
        client = Client(headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
        client.force_login(person.user, backend=BACKEND)
        return client

    return enter
