import base64
import uuid
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Person
from workspace.accounts.models import AccessToken
from workspace.common.work import unit

pytestmark = pytest.mark.urls("tests.common.addresses")


def rows(person: Person, count: int, day: int = 1) -> set[str]:
    """Rows of one moment, so that only their ids order them."""
    with unit(person.workspace, person.user.id):
        made = [
            AccessToken(
                user_id=person.user.id,
                name="row",
                digest=uuid.uuid4().bytes,
                expires_at="2100-01-01T00:00:00Z",
                created_at=f"2026-01-{day:02}T00:00:00Z",
            )
            for _ in range(count)
        ]
        return {str(row.id) for row in AccessToken.objects.bulk_create(made)}


def page(person: Person, **parameters: Any) -> Any:
    return Client().get("/api/tokens", parameters, headers={"Authorization": f"Bearer {person.token}"})


def walk(person: Person, limit: int) -> list[str]:
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": limit}
    while True:
        answer = page(person, **parameters).json()
        seen += [item["id"] for item in answer["items"]]
        if answer["next_cursor"] is None:
            return seen
        parameters["cursor"] = answer["next_cursor"]


@pytest.mark.parametrize("limit", [1, 3, 10, 11, 100])
def test_pages_together_are_the_list(alice: Person, limit: int) -> None:
    rows(alice, 10)
    whole = [item["id"] for item in page(alice, limit=100).json()["items"]]

    assert walk(alice, limit) == whole
    assert len(whole) == len(set(whole)) == 11


def test_writes_between_pages_neither_skip_nor_repeat(alice: Person) -> None:
    old = rows(alice, 10, day=10)
    first = page(alice, limit=5).json()
    rows(alice, 3, day=20)
    with unit(alice.workspace, alice.user.id):
        AccessToken.objects.filter(id=first["items"][-1]["id"]).delete()

    rest = page(alice, limit=100, cursor=first["next_cursor"]).json()["items"]

    seen = [item["id"] for item in first["items"] + rest]
    assert len(seen) == len(set(seen))
    assert old <= set(seen)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "", "9" * 400])
def test_a_page_has_1_to_100_items(alice: Person, limit: str) -> None:
    answer = page(alice, limit=limit)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "limit")


@given(cursor=st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_made_up_cursor_is_refused(alice: Person, cursor: str) -> None:
    answer = page(alice, cursor=cursor)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")


def test_a_changed_cursor_is_refused(alice: Person) -> None:
    rows(alice, 3)
    cursor = page(alice, limit=1).json()["next_cursor"]
    changed = [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(len(cursor) - 1)]

    assert {page(alice, cursor=hostile).status_code for hostile in changed} == {400}


def test_a_cursor_of_another_person_is_refused(alice: Person, bob: Person) -> None:
    rows(alice, 3)
    cursor = page(alice, limit=1).json()["next_cursor"]

    assert page(bob, cursor=cursor).status_code == 400


def test_an_unknown_or_repeated_parameter_is_told(alice: Person) -> None:
    assert page(alice, limti=3).json()["errors"][0]["code"] == "unknown_field"
    assert page(alice, limit=[1, 2]).json()["errors"][0]["code"] == "repeated"
