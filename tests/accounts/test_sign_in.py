"""Signing in with an e-mail address and a password, in a browser."""

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client

from tests.cast import PASSWORD, Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD) -> HttpResponseBase:
    return client.post("/sign-in", {"login": email, "password": password})


def test_the_right_password_opens_a_session_that_the_api_takes(client: Client, alice: Person) -> None:
    assert sign_in(client, alice.user.email).status_code == 302

    assert client.get("/api/me").json()["user"]["email"] == alice.user.email


@pytest.mark.parametrize("email, password", [("alice@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_a_wrong_address_and_a_wrong_password_are_told_alike(
    client: Client, alice: Person, email: str, password: str
) -> None:
    answer = client.post("/sign-in", {"login": email, "password": password})

    assert answer.status_code == 200
    assert "The e-mail address or the password is not right." in answer.content.decode()
    assert client.get("/api/me").status_code == 401


def test_guessing_is_slowed_down(client: Client, alice: Person) -> None:
    for _ in range(10):
        sign_in(client, alice.user.email, "wrong")

    assert sign_in(client, alice.user.email).status_code != 302


def test_whoever_tries_too_often_is_told_what_to_do(client: Client, alice: Person) -> None:
    for _ in range(5):
        sign_in(client, alice.user.email, "wrong")

    assert "Wait five minutes, then try again." in sign_in(client, alice.user.email).content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["//evil.example/", "https://evil.example/", "http://localhost:1/", "/\\evil.example"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_nobody_is_led_away_from_here(client: Client, alice: Person, path: str, way: str) -> None:
    if path == "/sign-out":
        sign_in(client, alice.user.email)

    answer = client.post(path, {"login": alice.user.email, "password": PASSWORD, "next": way})

    assert answer["Location"] in {"/", "/sign-in"}


def test_whoever_signs_in_goes_on_where_they_were_going(client: Client, alice: Person) -> None:
    page = client.get("/sign-in", {"next": "/chats?archived=1"}).content.decode()
    answer = client.post("/sign-in", {"login": alice.user.email, "password": PASSWORD, "next": "/chats?archived=1"})

    assert '<input type="hidden" name="next" value="/chats?archived=1">' in page
    assert answer["Location"] == "/chats?archived=1"


def test_the_other_language_keeps_where_somebody_was_going(client: Client, db: None) -> None:
    page = client.get("/sign-in?next=/chats").content.decode()
    answer = client.post("/preferences", {"language": "ja", "next": "/sign-in?next=/chats"})

    assert 'name="next" value="/sign-in?next=/chats"' in page
    assert answer["Location"] == "/sign-in?next=/chats"
    assert 'lang="ja"' in client.get("/sign-in").content.decode()


def test_nobody_signs_up_by_themselves(client: Client) -> None:
    form = {"email": "new@example.org", "password1": PASSWORD}

    assert "Nobody signs up by themselves" in client.post("/sign-up", form).content.decode()
    assert sign_in(client, "new@example.org").status_code == 200


def test_a_session_changes_nothing_without_its_csrf_token(alice: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    answer = client.delete("/api/me")

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_signing_out_ends_the_session(client: Client, alice: Person) -> None:
    sign_in(client, alice.user.email)
    client.post("/sign-out")

    assert client.get("/api/me").status_code == 401


def test_a_person_without_a_workspace_is_let_in_nowhere(client: Client, alice: Person, bob: Person) -> None:
    from workspace.accounts.members import deactivate_member
    from workspace.common.work import unit

    sign_in(client, bob.user.email)
    with unit(alice.workspace, alice.user.id):
        deactivate_member(alice.actor, bob.user.id)

    assert client.get("/api/me").status_code == 401


def test_the_form_names_its_fields(client: Client) -> None:
    page = client.get("/sign-in").content.decode()

    assert '<label for="id_login">' in page
    assert 'autocomplete="current-password"' in page
