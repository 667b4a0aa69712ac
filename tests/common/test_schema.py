"""The mark that spares a start its migration: whoever migrates sets it, whoever undoes takes it away."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from tests import bed
from workspace.common import schema


@pytest.fixture
def spare(worker_id: str) -> Iterator[str]:
    """The address of a database of this test's own, migrated by the product's command."""
    name = f"spare_{worker_id}"
    bed.clone(name)
    yield bed.url_of(name)
    with bed.superuser() as connection:
        connection.execute(f"drop database {name}".encode())


def marked(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute(schema.FIND).fetchone() == (schema.mark(),)


def migrate(url: str, *words: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "ATRIUM_ROLE": "owner"}
    command = [sys.executable, "manage.py", "migrate", *words]
    subprocess.run(command, cwd=bed.ROOT, env=environment, check=True, capture_output=True)


def test_migrate_leaves_the_mark_where_the_webs_role_reads_it(db: None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(schema.FIND)
        assert cursor.fetchone() == (schema.mark(),)


@pytest.mark.slow
def test_an_undone_migration_takes_the_mark_away_and_a_whole_one_sets_it_again(spare: str) -> None:
    assert marked(spare)

    migrate(spare, "sessions", "zero")
    assert not marked(spare)

    migrate(spare)
    assert marked(spare)
