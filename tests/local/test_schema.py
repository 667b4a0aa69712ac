import os

import psycopg

from workspace.common.schema import FIND
from workspace.local.schema import Schema


def seen(database_url: str, secret_key: str = "", atrium_key: str = "") -> Schema:
    return Schema(database_url, secret_key or os.environ["SECRET_KEY"], atrium_key or os.environ["ATRIUM_KEY"])


def test_what_this_code_migrated_is_current(database_url: str) -> None:
    assert seen(database_url).is_current()


def test_what_other_code_migrated_last_is_not(database_url: str, owner_connection: psycopg.Connection) -> None:
    found = owner_connection.execute(FIND).fetchone()
    assert found is not None
    comment = "comment on table django_migrations is '{}'"
    owner_connection.execute(comment.format("migrated by another").encode())
    try:
        assert not seen(database_url).is_current()
    finally:
        owner_connection.execute(comment.format(found[0]).encode())

    assert seen(database_url).is_current()


def test_under_another_secret_key_the_roles_have_to_be_made_anew(database_url: str) -> None:
    assert not seen(database_url, "another secret key").is_current()


def test_under_another_atrium_key_it_is_not_current(database_url: str) -> None:
    assert not seen(database_url, atrium_key="another key").is_current()


def test_a_database_that_does_not_answer_is_not_current() -> None:
    assert not seen("postgresql://127.0.0.1:1/none").is_current()
