"""The mark that spares a start its migration: whoever migrates sets it, whoever undoes takes it away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections

from tests import bed
from workspace.common import roles, schema


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


@pytest.fixture
def unprivileged(spare: str) -> Iterator[str]:
    """The address of that database for a user who may log in and nothing else."""
    user = urlsplit(spare).path.strip("/") + "_user"
    with bed.superuser() as connection:
        connection.execute(f"create role {user} login password 'plain'".encode())
        connection.execute(f"grant connect on database {urlsplit(spare).path.strip('/')} to {user}".encode())
    yield urlsplit(spare)._replace(netloc=f"{user}:plain@{urlsplit(spare).netloc.rpartition('@')[2]}").geturl()
    with psycopg.connect(spare, autocommit=True) as connection:
        connection.execute(f"drop owned by {user}".encode())
        connection.execute(f"drop role {user}".encode())


@pytest.mark.slow
def test_who_may_not_make_roles_is_told_the_sql_and_migrates_once_it_was_run(spare: str, unprivileged: str) -> None:
    user = urlsplit(unprivileged).username
    with pytest.raises(subprocess.CalledProcessError) as refused:
        migrate(unprivileged)
    said = refused.value.stderr.decode()
    [granted] = [line for line in said.splitlines() if line.startswith("grant atrium_owner to")]

    assert f'"{user}"' in granted
    assert roles.password(roles.WEB, os.environ["SECRET_KEY"]) not in said
    with psycopg.connect(spare, autocommit=True) as connection:
        connection.execute(granted.rstrip(";").encode())
    migrate(unprivileged, "sessions", "zero")
    migrate(unprivileged)
    assert marked(spare)
