"""What whoever runs the server does from a terminal."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import queries
from workspace.accounts.models import Role
from workspace.accounts.permissions import role_of

# The workspaces of a database are listed over a connection of their own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, given: str = "") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    said = io.StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def me(token: str) -> Any:
    return Client().get("/api/me", headers={"Authorization": f"Bearer {token}"})


def test_an_owner_and_a_key_are_made_and_the_key_alone_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = ("create_owner", "--email", "Owner@Example.org", "--workspace", "Acme")
    said = run(monkeypatch, *owner, given=f"{PASSWORD}\n")
    token = run(monkeypatch, "create_key", "--email", "owner@example.org", "--name", "script").strip()

    assert said == ""
    assert token.startswith("atr_")
    assert me(token).json()["workspace"]["name"] == "Acme"


def test_a_person_is_let_into_the_only_workspace(monkeypatch: pytest.MonkeyPatch, alice: Person) -> None:
    run(monkeypatch, "create_user", "--email", "eve@example.org", "--role", "admin", given=f"{PASSWORD}\n")

    eve = queries.person_with("eve@example.org")
    token = run(monkeypatch, "create_key", "--email", eve.email, "--name", "x").strip()
    assert me(token).json()["role"] == Role.ADMIN


def test_where_there_are_two_workspaces_one_must_be_named(
    monkeypatch: pytest.MonkeyPatch, alice: Person, charlie: Person
) -> None:
    with pytest.raises(CommandError, match="give its id"):
        run(monkeypatch, "create_user", "--email", "eve@example.org", given=f"{PASSWORD}\n")

    named = ("create_user", "--email", "eve@example.org", "--workspace", "charlie's workspace")
    run(monkeypatch, *named, given=f"{PASSWORD}\n")
    assert queries.workspaces_of(queries.person_with("eve@example.org").id) == [charlie.workspace]


def test_a_key_has_only_the_scopes_that_it_was_given(monkeypatch: pytest.MonkeyPatch, alice: Person) -> None:
    made = ("create_key", "--email", alice.user.email, "--name", "x", "--scope", "chat", "--days", "1")

    assert me(run(monkeypatch, *made).strip()).json()["capabilities"] == ["chat"]


@pytest.mark.parametrize("wrong", [["--scope", "everything"], ["--days", "0"], ["--days", "367"]])
def test_a_key_that_cannot_be_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, alice: Person, wrong: list[str]
) -> None:
    with pytest.raises(CommandError, match=r"Scopes are|lives 1 to"):
        run(monkeypatch, "create_key", "--email", alice.user.email, "--name", "x", *wrong)


def test_a_key_for_somebody_elses_workspace_is_refused(
    monkeypatch: pytest.MonkeyPatch, alice: Person, charlie: Person
) -> None:
    with pytest.raises(CommandError):
        run(
            monkeypatch,
            "create_key",
            "--email",
            "alice@example.org",
            "--name",
            "x",
            "--workspace",
            "charlie's workspace",
        )


def test_a_revoked_key_opens_nothing(monkeypatch: pytest.MonkeyPatch, alice: Person) -> None:
    token = run(monkeypatch, "create_key", "--email", alice.user.email, "--name", "x").strip()
    run(monkeypatch, "revoke_key", "--email", alice.user.email, "--name", "x")

    assert me(token).status_code == 401
    assert me(alice.token).status_code == 200


@pytest.mark.parametrize("password", ["", "short", "passwordpassword"[:14], "1234567890123456"])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    with pytest.raises(CommandError, match="password"):
        run(monkeypatch, "create_owner", "--email", "o@example.org", "--workspace", "W", given=f"{password}\n")


@pytest.mark.parametrize("wrong", [["--email", "no address"], ["--email", "o@example.org", "--workspace", ""]])
def test_what_is_no_address_or_no_name_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: list[str]) -> None:
    arguments = ["create_owner", "--workspace", "W", *wrong]
    with pytest.raises(CommandError):
        run(monkeypatch, *arguments, given=f"{PASSWORD}\n")


def test_the_owners_link_is_printed_until_there_is_an_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "owner_link").startswith("/set-up?token=")
    run(monkeypatch, "create_owner", "--email", "o@example.org", "--workspace", "W", given=f"{PASSWORD}\n")
    assert run(monkeypatch, "owner_link") == ""


def test_role_passwords_are_those_that_the_processes_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    printed = dict(line.split() for line in run(monkeypatch, "role_passwords").splitlines())

    assert printed["atrium_web"] == settings.DATABASES["default"]["PASSWORD"]
    assert set(printed) == {"atrium_web", "atrium_runner", "atrium_sweep"}


def test_a_role_is_a_persons_in_one_workspace(alice: Person, bob: Person) -> None:
    from workspace.common.work import unit

    with unit(bob.workspace, bob.user.id):
        assert role_of(bob.actor) is Role.MEMBER
