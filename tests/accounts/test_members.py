"""Who may make whom what, and who keeps whom out."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from tests.cast import PASSWORD, Person, colleague, founder
from workspace.accounts import members, queries
from workspace.accounts.errors import CapabilityMissing, CredentialRefused
from workspace.accounts.models import BrowserSession, Membership, Role, User
from workspace.accounts.sessions import BACKEND
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import AtriumError, Conflict, Invalid, NotFound
from workspace.common.work import unit

Act = Callable[[Actor, uuid.UUID], None]


def demote(actor: Actor, user: uuid.UUID) -> None:
    members.change_role(actor, user, Role.MEMBER)


def role_of(person: Person) -> str:
    with unit(person.workspace):
        return Membership.objects.get(user_id=person.user.id).role


ACTS: list[Act] = [demote, members.deactivate_member, members.reactivate_member]


@pytest.mark.parametrize(
    "who, whom, role, allowed",
    [
        ("alice", "bob", Role.OWNER, True),
        ("alice", "bob", Role.ADMIN, True),
        ("alice", "dana", Role.MEMBER, True),
        ("dana", "bob", Role.ADMIN, True),
        ("dana", "bob", Role.OWNER, False),
        ("dana", "alice", Role.MEMBER, False),
        ("bob", "dana", Role.MEMBER, False),
        ("bob", "bob", Role.OWNER, False),
    ],
)
def test_a_role_is_given_by_who_may(
    request: pytest.FixtureRequest, bob: Person, dana: Person, who: str, whom: str, role: Role, allowed: bool
) -> None:
    actor, person = request.getfixturevalue(who), request.getfixturevalue(whom)
    before = role_of(person)
    with unit(actor.workspace, actor.user.id):
        if allowed:
            members.change_role(actor.actor, person.user.id, role)
        else:
            with pytest.raises(CapabilityMissing):
                members.change_role(actor.actor, person.user.id, role)

    assert role_of(person) == (role if allowed else before)


def test_a_change_of_role_is_recorded_and_counts_at_once(
    alice: Person, bob: Person, recorded: list[AuditEvent]
) -> None:
    before = alice.actor.epoch
    with unit(alice.workspace, alice.user.id):
        members.change_role(alice.actor, bob.user.id, Role.ADMIN)
        members.change_role(alice.actor, bob.user.id, Role.ADMIN)

    told = [event for event in recorded if event.action == "member.change_role"]
    assert [(event.object_id, event.details) for event in told] == [(bob.user.id, {"role": "admin", "was": "member"})]
    assert alice.actor.epoch == before + 1
    assert Client(headers=bob.headers).get("/api/me").json()["role"] == "admin"


@pytest.mark.parametrize("act", ACTS)
def test_nobody_changes_their_own_membership(alice: Person, act: Act) -> None:
    with unit(alice.workspace, alice.user.id), pytest.raises(Conflict):
        act(alice.actor, alice.user.id)


@pytest.mark.parametrize("act", ACTS)
def test_an_admin_leaves_owners_alone(alice: Person, dana: Person, act: Act) -> None:
    with unit(dana.workspace, dana.user.id), pytest.raises(CapabilityMissing):
        act(dana.actor, alice.user.id)


@pytest.mark.parametrize("act", ACTS)
def test_somebody_of_another_workspace_is_not_found(alice: Person, charlie: Person, act: Act) -> None:
    for user in (charlie.user.id, uuid.uuid4()):
        with unit(alice.workspace, alice.user.id), pytest.raises(NotFound):
            act(alice.actor, user)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [demote, members.deactivate_member])
def test_two_owners_who_turn_on_each_other_leave_one(act: Act) -> None:
    anna = founder("anna")
    otto = colleague("otto", anna, Role.OWNER)
    together = Barrier(2)

    def turn_on(pair: tuple[Person, Person]) -> str:
        actor, victim = pair
        try:
            with unit(actor.workspace, actor.user.id):
                acting = actor.actor
                together.wait(10)
                act(acting, victim.user.id)
        except AtriumError as error:
            return error.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        said = sorted(threads.map(turn_on, [(anna, otto), (otto, anna)]))

    with unit(anna.workspace):
        assert Membership.objects.filter(role=Role.OWNER, is_active=True).count() == 1
    assert said == ["capability_missing", "done"]


def test_who_is_shut_out_is_signed_out_and_comes_in_no_more(alice: Person, bob: Person) -> None:
    cache.clear()
    client = Client()
    client.force_login(bob.user, backend=BACKEND)
    client.get("/api/me")
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)

    assert not BrowserSession.objects.exists()
    assert client.get("/api/me").status_code == 401
    answer = client.post("/sign-in", {"login": bob.user.email, "password": PASSWORD})
    assert answer["Location"] == "/account-closed"
    assert client.get("/api/me").status_code == 401


def test_who_belongs_to_another_workspace_stays_signed_in_there(alice: Person, bob: Person, charlie: Person) -> None:
    with unit(charlie.workspace):
        Membership.objects.create(user=bob.user, role=Role.MEMBER)
    client = Client()
    client.force_login(bob.user, backend=BACKEND)
    client.get("/api/me")
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)

    assert client.get("/api/me").json()["workspace"]["id"] == str(charlie.workspace)
    with pytest.raises(CredentialRefused):
        _ = bob.actor


def test_who_is_let_in_again_is_what_they_were(alice: Person, bob: Person, recorded: list[AuditEvent]) -> None:
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)
        with pytest.raises(NotFound):
            members.deactivate_member(alice.actor, bob.user.id)
        with pytest.raises(NotFound):
            members.change_role(alice.actor, bob.user.id, Role.ADMIN)
        members.reactivate_member(alice.actor, bob.user.id)
        members.reactivate_member(alice.actor, bob.user.id)

    assert [event.action for event in recorded][-2:] == ["member.deactivate", "member.reactivate"]
    assert Client(headers=bob.headers).get("/api/me").json()["role"] == "member"


def names(found: list[Membership]) -> list[str]:
    return [row.user.name or row.user.email for row in found]


def test_the_list_is_by_name_and_found_by_name_or_address(alice: Person, bob: Person, dana: Person) -> None:
    User.objects.filter(id=bob.user.id).update(name="")
    User.objects.filter(id=dana.user.id).update(name="Zoë Dana")
    with unit(alice.workspace, alice.user.id):
        assert names(members.members(alice.actor).items) == ["alice", "bob@example.org", "Zoë Dana"]
        assert names(members.members(alice.actor, "zo").items) == ["Zoë Dana"]
        assert names(members.members(alice.actor, "BOB@").items) == ["bob@example.org"]
        assert names(members.members(alice.actor, "%").items) == []


def test_a_long_list_comes_in_pages(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "PAGE", 2)
    for name in ("bea", "cem", "dov", "eva"):
        colleague(name, alice, Role.MEMBER)
    seen, cursor = [], None
    with unit(alice.workspace, alice.user.id):
        while True:
            page = members.members(alice.actor, "", cursor)
            seen.append(names(page.items))
            if (cursor := page.next_cursor) is None:
                break
        first = members.members(alice.actor).next_cursor
        with pytest.raises(Invalid):
            members.members(alice.actor, "a", first)

    assert seen == [["alice", "bea"], ["cem", "dov"], ["eva"]]


def test_one_member_is_shown_with_the_number_of_their_tokens(alice: Person, bob: Person, charlie: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        found = members.member(alice.actor, bob.user.id)
        with pytest.raises(NotFound):
            members.member(alice.actor, charlie.user.id)

    assert (found.user.email, found.tokens) == ("bob@example.org", 1)  # type: ignore[attr-defined]


def test_the_list_is_not_for_members(alice: Person, bob: Person) -> None:
    assert queries.workspaces_of(bob.user.id) == [alice.workspace]
    with unit(bob.workspace, bob.user.id):
        for ask in (lambda: members.members(bob.actor), lambda: members.member(bob.actor, alice.user.id)):
            with pytest.raises(CapabilityMissing):
                ask()
