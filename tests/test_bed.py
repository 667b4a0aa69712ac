import uuid

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.utils import ProgrammingError

from tests import bed


def who(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("select current_user")
        return str(cursor.fetchone()[0])


def test_tests_connect_as_the_product_does(db: None) -> None:
    assert who("default") == "atrium_web"


@pytest.mark.django_db(databases=["sweep"])
def test_the_sweep_has_a_role_of_its_own() -> None:
    assert who("sweep") == "atrium_sweep"


def test_a_test_may_not_truncate_and_yet_what_it_committed_is_taken_away(
    transactional_db: None, database_url: str
) -> None:
    people = get_user_model().objects
    people.create(email=f"{uuid.uuid4()}@example.org")
    with pytest.raises(ProgrammingError, match="permission denied"), connections["default"].cursor() as cursor:
        cursor.execute("truncate accounts_user cascade")

    bed.empty(connections["default"].settings_dict["NAME"], keep=[])

    assert not people.exists()


def test_nobody_outside_the_product_may_connect_to_a_workers_database(database_url: str) -> None:
    role = f"stranger_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create role {role} login".encode())
        question = "select has_database_privilege(%s, current_database(), 'connect')"
        allowed = connection.execute(question, [role]).fetchone()
        connection.execute(f"drop role {role}".encode())

    assert allowed == (False,)
