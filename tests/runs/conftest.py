"""What the tests of the runs room stand on: a kind of run, a process that is a runner, engines, followers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Person
    from tests.runs.diary import Diary


@pytest.fixture
def diary() -> "Diary":
    from tests.runs.diary import fresh

    return fresh()


@pytest.fixture
def as_runner(transactional_db: None, alice: "Person") -> Iterator["Person"]:
    """Alice, in a process that connects as the runner. Everybody else must have been made before."""
    from django.conf import settings
    from django.db import connection

    from workspace.common import roles

    was = connection.settings_dict["USER"], connection.settings_dict["PASSWORD"]
    enter(roles.RUNNER, roles.password(roles.RUNNER, settings.SECRET_KEY))
    yield alice
    enter(*was)


def enter(user: str, password: str) -> None:
    """Every connection from now on is this role's."""
    from django.db import connection

    connection.close()
    getattr(connection, "close_pool", lambda: None)()
    connection.settings_dict.update(USER=user, PASSWORD=password)
