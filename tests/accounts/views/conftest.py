from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.cast import Person

Entered = Callable[["Person"], Client]


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def entered() -> Entered:
    """A browser that somebody is signed in with."""
    from workspace.accounts.sessions import BACKEND

    def enter(person: "Person") -> Client:
        client = Client(headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
        client.force_login(person.user, backend=BACKEND)
        return client

    return enter
