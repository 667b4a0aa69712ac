from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.cast import Person
from workspace.accounts.models import AccessToken
from workspace.common.models import IdempotencyRecord
from workspace.common.work import unit

pytestmark = pytest.mark.urls("tests.common.addresses")


def post(person: Person, body: str, key: str, path: str = "/api/tokens") -> Any:
    headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": key}
    return Client().post(path, body, content_type="application/json", headers=headers)


def made(person: Person, name: str) -> int:
    with unit(person.workspace, person.user.id):
        return AccessToken.objects.filter(name=name).count()


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_posts_at_once_have_one_effect_and_equal_answers(alice: Person) -> None:
    def one(_: int) -> tuple[int, bytes]:
        try:
            answer = post(alice, '{"text": "once"}', "key")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        answers = set(threads.map(one, range(20)))

    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert made(alice, "once") == 1


def test_the_same_body_in_another_spelling_is_the_same(alice: Person) -> None:
    first = post(alice, '{"text": "a", "weight": 1}', "key")
    again = post(alice, '{ "weight":1,"text":"\\u0061" }', "key")

    assert (again.status_code, again.content) == (201, first.content)


@pytest.mark.parametrize("body, path", [('{"text": "b"}', "/api/tokens"), ('{"text": "a"}', "/api/echo")])
def test_another_body_or_address_is_a_conflict(alice: Person, body: str, path: str) -> None:
    post(alice, '{"text": "a"}', "key")

    answer = post(alice, body, "key", path)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")


def test_a_key_is_one_persons(alice: Person, bob: Person) -> None:
    first, second = post(alice, '{"text": "a"}', "key"), post(bob, '{"text": "b"}', "key")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content != second.content


def test_a_failure_is_not_remembered(alice: Person) -> None:
    refused = post(alice, '{"text": "refused"}', "key")
    accepted = post(alice, '{"text": "a"}', "key")

    assert (refused.status_code, accepted.status_code) == (409, 201)


def test_an_answer_that_shows_a_secret_is_never_stored(alice: Person) -> None:
    post(alice, '{"text": "a"}', "key", "/api/secrets")

    with unit(alice.workspace, alice.user.id):
        assert not IdempotencyRecord.objects.exists()


def test_after_a_day_a_key_is_free_again(alice: Person) -> None:
    post(alice, '{"text": "a"}', "key")
    with unit(alice.workspace, alice.user.id):
        IdempotencyRecord.objects.update(created_at="2020-01-01T00:00:00Z")

    answer = post(alice, '{"text": "b"}', "key")

    assert answer.status_code == 201
    assert post(alice, '{"text": "b"}', "key").content == answer.content


def test_neither_key_nor_answer_can_be_read_from_the_row(alice: Person) -> None:
    post(alice, '{"text": "marker-text"}', "marker-key", "/api/echo")

    with unit(alice.workspace, alice.user.id):
        row = IdempotencyRecord.objects.get()
        stored = b"".join(bytes(part) for part in (row.key_digest, row.body_digest, row.response))
    assert b"marker" not in stored


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_key_has_1_to_255_printable_ascii_characters(alice: Person, key: str) -> None:
    answer = post(alice, '{"text": "a"}', key)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
