import re
from typing import Any

import pytest
from django.test import AsyncClient, Client

from tests.cast import Person
from workspace.accounts.models import AccessToken
from workspace.common.work import unit

pytestmark = pytest.mark.urls("tests.common.addresses")

PROBLEM = "application/problem+json"


def as_person(person: Person) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {person.token}"}}


def post(client: Client, person: Person, body: bytes | str, path: str = "/api/echo") -> Any:
    return client.post(path, body, content_type="application/json", **as_person(person))


def test_an_answer_is_json_and_names_its_request(client: Client, alice: Person) -> None:
    answer = post(client, alice, '{"text": "日本語"}')

    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"text": "日本語", "pinned": False, "weight": 0}
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-Id"])


def test_nobody_gets_in_without_a_credential(client: Client, db: None) -> None:
    answer = client.post("/api/echo", "{}", content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer atr_unknown", "Bearer \xff", "Bearer " + "x" * 9000])
def test_a_credential_that_does_not_hold_is_refused(client: Client, db: None, header: str) -> None:
    answer = client.get("/api/me", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, "credential_refused")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"text"', b"1"],
)
def test_a_body_that_is_no_object_is_refused(client: Client, alice: Person, body: bytes) -> None:
    answer = post(client, alice, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"text": NaN}', b'{"text": "a", "text": "b"}', b'{"text": "\xff"}', b'{"weight": 1e999}', b"[" * 100_000],
)
def test_broken_json_is_told_as_such(client: Client, alice: Person, body: bytes) -> None:
    answer = post(client, alice, body)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["code"] == "invalid_json"


@pytest.mark.parametrize(
    "body, field, code",
    [
        ('{"text": "a", "pined": true}', "pined", "unknown_field"),
        ("{}", "text", "required"),
        ('{"text": 1}', "text", "string_type"),
        ('{"text": "a", "pinned": "true"}', "pinned", "bool_type"),
        ('{"text": "a", "weight": -1}', "weight", "greater_than_equal"),
        ('{"text": "a\\u0000b"}', "text", "control_character"),
        ('{"text": "\\ud800"}', "text", "not_unicode"),
    ],
)
def test_what_is_wrong_with_a_field_is_told(client: Client, alice: Person, body: str, field: str, code: str) -> None:
    answer = post(client, alice, body)

    assert answer.status_code == 400
    assert [(fault["field"], fault["code"]) for fault in answer.json()["errors"]] == [(field, code)]


def test_line_ends_tabs_and_pairs_of_surrogates_are_text(client: Client, alice: Person) -> None:
    assert post(client, alice, '{"text": "a\\t\\r\\n\\ud83d\\ude00"}').json()["text"] == "a\t\r\n😀"


def test_a_text_of_more_than_200_000_characters_is_too_large(client: Client, alice: Person) -> None:
    assert post(client, alice, '{"text": "%s"}' % ("あ" * 200_000)).status_code == 201

    answer = post(client, alice, '{"text": "%s"}' % ("あ" * 200_001))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_of_more_than_two_megabytes_is_too_large(client: Client, alice: Person) -> None:
    answer = post(client, alice, b"[" + b" " * 2_097_152)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_another_kind_of_body_is_not_taken(client: Client, alice: Person) -> None:
    answer = client.post("/api/echo", {"text": "a"}, **as_person(alice))

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "get", "options", "trace"])
def test_another_method_is_not_taken(client: Client, alice: Person, method: str) -> None:
    answer = getattr(client, method)("/api/echo", **as_person(alice))

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "POST"


def test_what_the_caller_accepts_changes_nothing(client: Client, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {alice.token}", "Accept": "text/html"}

    assert client.get("/api/me?", headers=headers)["Content-Type"] == "application/json"


def test_an_error_nobody_foresaw_says_nothing(client: Client, alice: Person, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/api/broken", **as_person(alice))

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "conversation" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in [getattr(record, "exception", "") for record in caplog.records]


def test_a_database_that_is_away_is_worth_another_try(client: Client, alice: Person) -> None:
    answer = client.get("/api/away", **as_person(alice))

    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "unavailable", True)
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("what, status", [("conflict", 409), ("broken", 500), ("away", 503)])
async def test_a_plain_async_view_tells_its_errors_in_the_same_shape(what: str, status: int) -> None:
    answer = await AsyncClient(raise_request_exception=False).get(f"/api/stream/{what}")

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert "conversation" not in answer.content.decode()


async def test_a_person_gets_a_page(db: None) -> None:
    answer = await AsyncClient().get("/page/conflict", headers={"Accept": "text/html"})

    assert (answer.status_code, answer["Content-Type"]) == (409, "text/html; charset=utf-8")
    assert "Later." in answer.content.decode()


def masked(answer: Any, *ids: str) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.items() if name not in {"Date", "X-Request-Id"}}
    body = answer.content.decode()
    for known in ids:
        body = body.replace(known, "ID")
    return answer.status_code, headers, body


@pytest.mark.parametrize("made_up", ["9b2f6c1e-8f0b-4d43-9d5e-0a6f0d1c7a52", "1", "%00", "no-such-id", "x" * 300])
def test_somebody_elses_object_is_told_as_one_that_never_was(
    client: Client, alice: Person, charlie: Person, made_up: str
) -> None:
    with unit(alice.workspace, alice.user.id):
        foreign = str(AccessToken.objects.get().id)

    answers = [client.get(f"/api/tokens/{id}", **as_person(charlie)) for id in (foreign, made_up)]

    assert answers[0].status_code == 404
    assert masked(answers[0], foreign) == masked(answers[1], made_up)
    assert client.get(f"/api/tokens/{foreign}", **as_person(alice)).status_code == 200


def test_an_address_that_does_not_exist_is_not_found(client: Client, alice: Person) -> None:
    answer = client.get("/api/nowhere", **as_person(alice))

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (404, PROBLEM, "not_found")


def test_an_error_takes_back_what_the_handler_did(client: Client, alice: Person) -> None:
    assert post(client, alice, '{"text": "refused"}', "/api/tokens").status_code == 409

    with unit(alice.workspace, alice.user.id):
        assert not AccessToken.objects.filter(name="refused").exists()
