"""What every test stands on: the servers, a database for each worker, the lanes. Tests connect as `atrium_web`."""

import os
import pathlib
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest

from tests import bed, lanes

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

    from tests.cast import Person

# A shared machine has no steady pace; a failure says how to have it again.
hypothesis.settings.register_profile("suite", deadline=None, print_blob=True)
hypothesis.settings.load_profile("suite")


def worker(config: pytest.Config) -> int | None:
    """This worker's number; None in the process that began the session."""
    given = getattr(config, "workerinput", None)
    return None if given is None else int(given["workerid"].removeprefix("gw"))


def pytest_configure(config: pytest.Config) -> None:
    """Starts the bed, then lets the settings read it; pytest-django sets Django up after this."""
    number = worker(config)
    if number is None:
        os.environ.setdefault("SEED", str(random.SystemRandom().randrange(1_000_000)))  # tests.proof.rounds
        servers = bed.Bed()
        config.add_cleanup(servers.stop)
        servers.start()
        if config.getoption("numprocesses", None):
            return  # runs no test itself, and a worker must not meet the settings before it has its own broker
    else:
        bed.take_broker(number + 1)
    os.environ["DJANGO_SETTINGS_MODULE"] = "workspace.config.settings"
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow hash proves nothing here


def pytest_report_header() -> str:
    return f"chance is repeated by SEED={os.environ['SEED']}"


@pytest.hookimpl(tryfirst=True)  # xdist reads a test's group here too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = lanes.in_order(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with lanes.turn(item, pathlib.Path(os.environ[bed.LOCK])):
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    for line in [*lanes.figures(passed), *lanes.summary(terminalreporter.stats.get("skipped", []))]:
        terminalreporter.write_line(line)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> lanes.Say:
    """Puts what a test measured into the summary, from whichever worker."""

    def said(figure: str, **numbers: float) -> None:
        record_property(lanes.FIGURE, figure)
        for name, number in numbers.items():
            record_property(name, number)

    return said


@pytest.fixture(scope="session")
def django_db_setup(worker_id: str, django_db_blocker: "DjangoDbBlocker") -> Iterator[None]:
    """pytest-django's own would create a database as `atrium_web`, which may not."""
    from django.conf import settings
    from django.db import connections
    from django.test import TransactionTestCase

    name = f"test_{worker_id}"
    bed.clone(name)
    for alias in connections:
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
    seeded = bed.filled(name)
    # Django's flush needs TRUNCATE, which no role of the product has.
    TransactionTestCase._fixture_teardown = lambda self: bed.empty(name, keep=seeded)  # type: ignore[attr-defined]
    yield
    with django_db_blocker.unblock():
        for connection in connections.all(initialized_only=True):
            connection.close()
            getattr(connection, "close_pool", lambda: None)()


@pytest.fixture
def database_url(django_db_setup: None, worker_id: str) -> str:
    """The superuser's address of this worker's database: for `migrate`, or a look at the catalogue."""
    return bed.url_of(f"test_{worker_id}")


@pytest.fixture
def owner_connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection of `atrium_owner`, for whom row level security holds like for everybody."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set role atrium_owner")
        yield connection


@pytest.fixture
def alice(db: None) -> "Person":
    """Owns a workspace."""
    from tests import cast

    return cast.founder("alice")


@pytest.fixture
def bob(alice: "Person") -> "Person":
    """A member of Alice's workspace."""
    from tests import cast
    from workspace.accounts.models import Role

    return cast.colleague("bob", alice, Role.MEMBER)


@pytest.fixture
def dana(alice: "Person") -> "Person":
    """An administrator of Alice's workspace."""
    from tests import cast
    from workspace.accounts.models import Role

    return cast.colleague("dana", alice, Role.ADMIN)


@pytest.fixture
def charlie(db: None) -> "Person":
    """Owns another workspace, and has no business in Alice's."""
    from tests import cast

    return cast.founder("charlie")


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
