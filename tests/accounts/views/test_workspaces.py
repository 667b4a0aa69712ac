"""The page of the workspace itself."""

import pytest

from tests.accounts.views.conftest import Entered
from tests.cast import Person
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
