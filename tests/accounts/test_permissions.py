"""Who may do what: role, scopes, membership, credential."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Person
from workspace.accounts import members, permissions, queries, tokens
from workspace.accounts.errors import CapabilityMissing, CredentialRefused
from workspace.accounts.models import AccessToken, Membership, Role, User, Workspace
from workspace.accounts.permissions import CAPABILITIES, EVERYTHING, Capability
from workspace.common import revocation
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Surface
from workspace.common.errors import Conflict, NotFound
from workspace.common.work import unit


@dataclass(frozen=True)
class Thing:
    user_id: uuid.UUID


def test_every_role_has_its_capabilities_and_an_owner_has_all() -> None:
    assert set(CAPABILITIES) == set(Role)
    assert CAPABILITIES[Role.MEMBER] < CAPABILITIES[Role.ADMIN] < CAPABILITIES[Role.OWNER] == set(Capability)


@pytest.mark.parametrize("capability", list(Capability))
@pytest.mark.parametrize("who", ["alice", "bob", "dana"])
def test_a_capability_is_granted_by_the_role(request: pytest.FixtureRequest, who: str, capability: Capability) -> None:
    person: Person = request.getfixturevalue(who)
    role = {"alice": Role.OWNER, "bob": Role.MEMBER, "dana": Role.ADMIN}[who]
    actor = person.actor

    with unit(person.workspace, person.user.id):
        if capability in CAPABILITIES[role]:
            permissions.require(actor, capability)
        else:
            with pytest.raises(CapabilityMissing):
                permissions.require(actor, capability)


@given(scopes=st.frozensets(st.sampled_from([EVERYTHING, "unknown", *Capability])), role=st.sampled_from(Role))
def test_scopes_only_ever_narrow(scopes: frozenset[str], role: Role) -> None:
    narrowed = permissions.narrowed(CAPABILITIES[role], scopes)

    assert narrowed <= CAPABILITIES[role]
    assert EVERYTHING in scopes or narrowed <= {Capability(scope) for scope in scopes if scope in set(Capability)}


def test_somebody_elses_object_is_not_found(alice: Person, bob: Person) -> None:
    actor = bob.actor
    with unit(bob.workspace, bob.user.id):
        permissions.require(actor, Capability.CHAT, Thing(bob.user.id))
        with pytest.raises(NotFound):
            permissions.require(actor, Capability.CHAT, Thing(alice.user.id))


def test_a_member_who_was_shut_out_may_do_nothing(alice: Person, bob: Person, recorded: list[AuditEvent]) -> None:
    actor = bob.actor
    ended: list[uuid.UUID] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revocation, "_handlers", [ended.append])
        with unit(alice.workspace, alice.user.id):
            members.deactivate_member(alice.actor, bob.user.id)

    assert ended == [bob.user.id]
    assert recorded[-1].action == "member.deactivate"
    with unit(bob.workspace, bob.user.id), pytest.raises(CapabilityMissing):
        permissions.require(actor, Capability.CHAT)
    with pytest.raises(CredentialRefused):
        _ = bob.actor


def test_a_change_of_rights_raises_the_epoch(alice: Person, bob: Person) -> None:
    before = alice.actor.epoch
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)

    assert alice.actor.epoch == before + 1


def test_a_workspace_keeps_an_owner(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id), pytest.raises(Conflict):
        members.deactivate_member(alice.actor, alice.user.id)


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_nobody_else_shuts_people_out(request: pytest.FixtureRequest, alice: Person, dana: Person, who: str) -> None:
    person: Person = request.getfixturevalue(who)
    with unit(person.workspace, person.user.id), pytest.raises((CapabilityMissing, NotFound)):
        members.deactivate_member(person.actor, dana.user.id)


def expire(person: Person) -> None:
    AccessToken.objects.update(expires_at="2020-01-01T00:00:00Z")


def revoke(person: Person) -> None:
    tokens.revoke_tokens_named(person.user.id, "test")


def close_account(person: Person) -> None:
    User.objects.filter(id=person.user.id).update(is_active=False)


def leave(person: Person) -> None:
    Membership.objects.filter(user_id=person.user.id).update(is_active=False)


@pytest.mark.parametrize("lose", [expire, revoke, close_account, leave])
def test_a_credential_holds_only_while_all_of_it_holds(alice: Person, lose: Any) -> None:
    actor = alice.actor
    with unit(alice.workspace, alice.user.id):
        permissions.still_holds(actor)
        lose(alice)
        with pytest.raises(CredentialRefused):
            permissions.still_holds(actor)
    with pytest.raises(CredentialRefused):
        _ = alice.actor


def test_the_surface_is_the_workspaces_kind(alice: Person) -> None:
    seen = [alice.actor.surface]
    with unit(alice.workspace):
        Workspace.objects.update(kind=Workspace.Kind.CONSUMER)

    assert [*seen, alice.actor.surface] == [Surface.ENTERPRISE, Surface.CONSUMER]


def test_a_session_enters_only_a_workspace_of_its_person(alice: Person, charlie: Person) -> None:
    session = uuid.uuid4()

    with queries.entered_by_session(alice.user.id, session) as (actor, _):
        assert actor.workspace == alice.workspace
    with queries.entered_by_session(alice.user.id, session, charlie.workspace) as (actor, _):
        assert actor.workspace == alice.workspace


def test_the_token_itself_is_not_stored(alice: Person) -> None:
    with unit(alice.workspace):
        [row] = AccessToken.objects.all()

    assert alice.token.encode() not in bytes(row.digest)
    assert alice.token not in str(row.__dict__)


def test_a_person_ends_only_their_own_tokens(alice: Person, bob: Person) -> None:
    actor = bob.actor
    with unit(bob.workspace, bob.user.id):
        theirs = AccessToken.objects.get(user_id=alice.user.id).id
        with pytest.raises(NotFound):
            tokens.revoke_token(actor, theirs)
        own = AccessToken.objects.get(user_id=bob.user.id).id
        tokens.revoke_token(actor, own)
        tokens.revoke_token(actor, own)
    with pytest.raises(CredentialRefused):
        _ = bob.actor


def test_an_actor_of_other_scopes_cannot_widen_them(alice: Person) -> None:
    actor = replace(alice.actor, scopes=frozenset({"chat"}))
    with unit(alice.workspace, alice.user.id), pytest.raises(CapabilityMissing):
        permissions.require(actor, Capability.MANAGE_MEMBERS)


def test_authenticating_a_token_takes_few_questions(alice: Person, django_assert_max_num_queries: Any) -> None:
    """The look-up, the unit with its transaction, the token, the workspace and the role."""
    with django_assert_max_num_queries(8):
        _ = alice.actor
