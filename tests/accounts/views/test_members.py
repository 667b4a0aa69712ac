"""The pages of members."""

import re

import pytest

from tests.accounts.views.conftest import Entered
from tests.cast import Person, colleague
from workspace.accounts import members
from workspace.accounts.models import Membership, Role
from workspace.common.work import unit


def place(of: Person) -> str:
    return f"/members/{of.user.id}"


def membership(of: Person) -> Membership:
    with unit(of.workspace):
        return Membership.objects.get(user_id=of.user.id)


def test_the_list_names_everybody_and_the_search_some(entered: Entered, alice: Person, bob: Person) -> None:
    client = entered(alice)
    page, found = client.get("/members").content.decode(), client.get("/members?q=BO").content.decode()
    nobody = client.get("/members", {"q": "<b>\0"}).content.decode()

    assert [name in page for name in ("alice", "bob@example.org")] == [True, True]
    assert [name in found for name in ("alice@example.org", "bob@example.org")] == [False, True]
    assert "Nobody is called “&lt;b&gt;”." in nobody


def test_the_list_goes_on_on_another_page(
    entered: Entered, alice: Person, bob: Person, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "PAGE", 2)
    client = entered(alice)
    first = client.get("/members?q=example").content.decode()
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    second = client.get("/members" + link[1].replace("&amp;", "&")).content.decode()

    assert "dana@example.org" not in first
    assert "dana@example.org" in second
    assert "From the beginning" in second
    assert client.get("/members?cursor=made-up").status_code == 400


def test_members_see_no_members_and_are_told_in_words(entered: Entered, alice: Person, bob: Person) -> None:
    for address in ("/members", place(alice)):
        answer = entered(bob).get(address)
        assert answer.status_code == 403
        assert "This is not open to you" in answer.content.decode()


def test_an_owner_makes_an_admin(entered: Entered, alice: Person, bob: Person) -> None:
    client = entered(alice)
    page = client.get(place(bob)).content.decode()
    answer = client.post(f"{place(bob)}/role", {"role": "admin"}, follow=True)

    assert re.findall(r'<option value="(\w+)"( selected)?', page) == [
        ("owner", ""),
        ("admin", ""),
        ("member", " selected"),
    ]
    assert "The role is changed" in answer.content.decode()
    assert membership(bob).role == Role.ADMIN


def test_a_role_that_there_is_not_changes_nothing_and_is_told(entered: Entered, alice: Person, bob: Person) -> None:
    answer = entered(alice).post(f"{place(bob)}/role", {"role": "emperor"}, follow=True)

    assert "The role stays as it was" in answer.content.decode()
    assert membership(bob).role == Role.MEMBER


def test_an_admin_is_offered_no_owners_and_finds_no_way_to_change_one(
    entered: Entered, alice: Person, bob: Person, dana: Person
) -> None:
    client = entered(dana)

    assert re.findall(r'<option value="(\w+)"', client.get(place(bob)).content.decode()) == ["admin", "member"]
    page = client.get(place(alice)).content.decode()
    assert "Only an owner changes what an owner is." in page
    assert "<form" not in page.partition("<main")[2]
    assert client.post(f"{place(bob)}/role", {"role": "owner"}).status_code == 403
    for change in ("role", "deactivate", "reactivate"):
        assert client.post(f"{place(alice)}/{change}", {"role": "member"}).status_code == 403


def test_ones_own_page_says_that_somebody_else_has_to_do_it(entered: Entered, alice: Person) -> None:
    client = entered(alice)

    assert "This is you." in client.get(place(alice)).content.decode()
    assert client.post(f"{place(alice)}/deactivate").status_code == 409


def test_shutting_out_says_what_it_does_and_does_it(entered: Entered, alice: Person, bob: Person) -> None:
    client, theirs = entered(alice), entered(bob)
    theirs.get("/account")
    page = client.get(place(bob)).content.decode()
    answer = client.post(f"{place(bob)}/deactivate", follow=True)

    assert "1 access token works no more." in page
    assert "Deactivate bob in this workspace now?" in page
    assert "Reactivate" in answer.content.decode()
    assert "deactivated" in client.get("/members").content.decode()
    assert theirs.get("/account")["Location"] == "/sign-in?next=/account"

    client.post(f"{place(bob)}/reactivate")
    assert membership(bob).is_active
    assert entered(bob).get("/account").status_code == 200


def test_a_list_costs_the_same_however_long_it_is(entered: Entered, alice: Person, bob: Person) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = entered(alice), []
    client.get("/members")
    for name in ("cem", "dov", "eva"):
        with CaptureQueriesContext(connection) as asked:
            client.get("/members")
        counts.append(len(asked))
        colleague(name, alice, Role.MEMBER)

    assert len(set(counts)) == 1
