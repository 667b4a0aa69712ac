"""The page of the workspace itself."""

import pytest
from django.test import Client

from tests.accounts.views.conftest import Entered
from tests.cast import PASSWORD, Person
from workspace.common.audit import AuditEvent


def test_an_owner_gives_it_another_name(entered: Entered, alice: Person, recorded: list[AuditEvent]) -> None:
    client = entered(alice)
    assert "alice&#x27;s workspace" in client.get("/workspace").content.decode()

    page = client.post("/workspace", {"name": "  Kitano Precision "}, follow=True).content.decode()

    assert 'value="Kitano Precision"' in page
    assert client.get("/api/me").json()["workspace"]["name"] == "Kitano Precision"
    assert (recorded[-1].action, recorded[-1].object_id) == ("workspace.rename", alice.workspace)


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\0b"])
def test_a_name_that_cannot_be_is_told(entered: Entered, alice: Person, name: str) -> None:
    client = entered(alice)

    assert client.post("/workspace", {"name": name}).status_code == 400
    assert client.get("/api/me").json()["workspace"]["name"] == "alice's workspace"


def test_nobody_else_does(entered: Entered, bob: Person, dana: Person) -> None:
    for person in (bob, dana):
        client = entered(person)
        assert client.get("/workspace").status_code == 403
        assert client.post("/workspace", {"name": "Mine"}).status_code == 403
        assert client.get("/api/me").json()["workspace"]["name"] == "alice's workspace"


RULES = {
    "version": 0,
    "required_level": 1,
    "session_hours": "",
    "idle_minutes": "",
    "fresh_minutes": 15,
    "networks": "",
}


def in_fresh(entered: Entered, person: Person) -> Client:
    """Signed in, and seen to be the person just now."""
    client = entered(person)
    client.post("/sign-in/again", {"password": PASSWORD})
    return client


def test_rules_for_signing_in_are_weighed_before_they_hold(entered: Entered, alice: Person) -> None:
    client = in_fresh(entered, alice)
    page = client.post("/workspace/sign-in", RULES | {"required_level": 2, "preview": 1})

    assert "1 person for a stronger proof" in page.content.decode()
    assert 'name="version" value="0"' in client.get("/workspace/sign-in").content.decode()


def test_rules_for_signing_in_hold_once_they_are_sent(entered: Entered, alice: Person) -> None:
    client = in_fresh(entered, alice)
    answer = client.post("/workspace/sign-in", RULES | {"idle_minutes": 30, "networks": "127.0.0.0/8\n10.0.0.0/8"})
    page = client.get("/workspace/sign-in").content.decode()

    assert (answer.status_code, answer["Location"]) == (302, "/workspace/sign-in")
    assert "127.0.0.0/8\n10.0.0.0/8" in page
    assert 'name="idle_minutes" value="30"' in page
    # Made from a version that is not the newest any more.
    assert client.post("/workspace/sign-in", RULES).status_code == 400


def test_rules_are_seen_and_made_with_a_fresh_proof_only(entered: Entered, alice: Person) -> None:
    client = entered(alice)
    led = client.get("/workspace/sign-in")
    refused = client.post("/workspace/sign-in", RULES | {"idle_minutes": 30})

    assert led["Location"].startswith("/sign-in/again?next=%2Fworkspace%2Fsign-in")
    assert refused.status_code == 401
    assert 'value="30"' in refused.content.decode(), "what was filled in is lost"


def test_rules_that_cannot_be_are_told_beside_their_field(entered: Entered, alice: Person) -> None:
    answer = in_fresh(entered, alice).post("/workspace/sign-in", RULES | {"networks": "the office"})

    assert answer.status_code == 400
    assert 'id="id_networks_error"' in answer.content.decode()
