"""The page of access tokens."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from tests.accounts.views.conftest import Entered
from tests.cast import Person
from workspace.accounts.models import AccessToken
from workspace.common.work import unit

NEW = {"name": "erp-export", "scopes": ["chat"], "days": "7"}


def test_a_token_is_shown_once_and_works(entered: Entered, alice: Person) -> None:
    client = entered(alice)
    answer = client.post("/account/tokens", NEW)
    found = re.search(r'id="new-token">(atr_[\w-]+)<', answer.content.decode())
    assert found
    token = found[1]

    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    assert f"Bearer {token}" in answer.content.decode().replace("&quot;", '"')
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/api/me").json()["capabilities"] == ["chat"]
    again = client.get("/account/tokens").content.decode()
    assert "erp-export" in again
    assert token not in again


def test_a_member_is_offered_only_what_they_may_do(entered: Entered, bob: Person) -> None:
    client = entered(bob)
    page = client.get("/account/tokens").content.decode()

    assert re.findall(r'name="scopes" value="(\w+)"', page) == ["all", "chat"]
    assert client.post("/account/tokens", NEW | {"scopes": ["manage_members"]}).status_code == 400


def test_everything_beside_something_is_everything(entered: Entered, alice: Person) -> None:
    entered(alice).post("/account/tokens", NEW | {"scopes": ["all", "chat"]})

    with unit(alice.workspace):
        assert AccessToken.objects.get(name="erp-export").scopes == ["all"]


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 101}, {"scopes": []}, {"days": "8"}, {"name": "\0"}])
def test_what_cannot_be_is_told_and_no_token_is_made(entered: Entered, alice: Person, wrong: dict[str, str]) -> None:
    answer = entered(alice).post("/account/tokens", NEW | wrong)

    assert answer.status_code == 400
    assert 'class="problem"' in answer.content.decode()
    with unit(alice.workspace):
        assert AccessToken.objects.count() == 1


def test_a_revoked_token_is_gone_from_the_list_and_refused(entered: Entered, alice: Person) -> None:
    with unit(alice.workspace):
        token = AccessToken.objects.get()
    client = entered(alice)
    page = client.post(f"/account/tokens/{token.id}/revoke", follow=True).content.decode()

    assert "The token is revoked." in page
    assert "You have none yet." in page
    assert Client(headers=alice.headers).get("/api/me").status_code == 401


def test_a_token_that_has_ended_says_so(entered: Entered, alice: Person) -> None:
    with unit(alice.workspace):
        AccessToken.objects.update(expires_at=Now() - timedelta(days=1), last_used_at=Now())
    page = entered(alice).get("/account/tokens").content.decode()

    assert '<span class="chip caution">ended</span>' in page
    assert "last used:" in page
