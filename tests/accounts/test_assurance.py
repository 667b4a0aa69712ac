"""What somebody proved in a browser, and what a workspace makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import assurance, permissions, policies, workspaces
from workspace.accounts.assurance import Proof
from workspace.accounts.errors import CapabilityMissing, ReauthenticationNeeded, SignInTooWeak, StepUpNeeded
from workspace.accounts.models import AuthPolicy, BrowserSession, Evidence, Method
from workspace.accounts.policies import Policy
from workspace.accounts.workspaces import Effect
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor, Assurance
from workspace.common.errors import AtriumError, Conflict, Invalid
from workspace.common.work import unit

HERE = "127.0.0.1"
PAGE = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def signed_in(person: Person) -> Client:
    client = Client(headers=PAGE)
    assert client.post("/sign-in", {"login": person.user.email, "password": PASSWORD}).status_code == 302
    return client


def session_of(client: Client) -> UUID:
    return BrowserSession.objects.get(session_id=client.session.session_key).id


def actor_in(client: Client, person: Person) -> Actor:
    return replace(person.actor, credential=session_of(client), assurance=Assurance.LEVEL_1)


def decided(person: Person, **rules: Any) -> None:
    """What the workspace asks for, whoever may decide it."""
    with unit(person.workspace, person.user.id):
        version = policies.policy_here().version + 1
        AuthPolicy.objects.create(version=version, made_by_id=person.user.id, **rules)


def prove(client: Client, *proofs: Proof) -> None:
    assurance.prove(session_of(client), proofs)


def aged(client: Client, **seconds: int) -> None:
    """As if the session had begun, or had been seen, so long ago."""
    times = {name: Now() - timedelta(seconds=ago) for name, ago in seconds.items()}
    BrowserSession.objects.filter(id=session_of(client)).update(**times)


def test_a_password_is_kept_as_evidence_of_one_factor(alice: Person) -> None:
    client = signed_in(alice)

    assert [(p.method, p.level) for p in assurance.proofs_of(session_of(client))] == [(Method.PASSWORD, 1)]


def test_evidence_ends_with_its_session(alice: Person) -> None:
    client = signed_in(alice)
    client.post("/sign-out")

    assert not Evidence.objects.exists()


def test_a_new_password_leaves_what_was_proved(alice: Person) -> None:
    client = signed_in(alice)
    prove(client, Proof(Method.PASSKEY, Assurance.LEVEL_3))
    client.post("/account/password", {"current": PASSWORD, "new": "another long pass phrase"})

    assert [p.level for p in assurance.proofs_of(session_of(client))] == [1, 3, 1]


@pytest.mark.parametrize(
    "rules, passes",
    [
        ({}, True),
        ({"required_level": 2}, False),
        ({"networks": ["10.0.0.0/8", "127.0.0.0/8"]}, True),
        ({"networks": ["10.0.0.0/8", "2001:db8::/32"]}, False),
        ({"local_sign_in": False}, False),
        ({"connections": [str(UUID(int=1))]}, True),
        ({"session_hours": 1, "idle_minutes": 1}, True),
    ],
)
def test_a_password_opens_what_a_workspace_lets_it(alice: Person, rules: dict[str, Any], passes: bool) -> None:
    client = signed_in(alice)
    decided(alice, **rules)

    assert (client.get("/account").status_code == 200) is passes
    assert (client.get("/api/me", headers={"Accept": "application/json"}).status_code == 200) is passes


def test_a_program_is_told_what_is_missing_after_rfc_9470(alice: Person) -> None:
    client = signed_in(alice)
    decided(alice, required_level=2)
    answer = client.get("/api/me", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_too_weak")
    assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]
    assert 'acr_values="urn:atrium:level:2"' in answer["WWW-Authenticate"]


def test_a_page_leads_to_where_more_is_proved_and_back(alice: Person) -> None:
    client = signed_in(alice)
    decided(alice, required_level=2)
    led = client.get("/account/tokens")

    assert (led.status_code, led["Location"]) == (302, "/sign-in/again?next=%2Faccount%2Ftokens&level=2")
    assert client.get(led["Location"]).status_code == 200
    prove(client, Proof(Method.TOTP, Assurance.LEVEL_2))
    assert client.get("/account/tokens").status_code == 200


def test_a_token_is_not_asked_for_a_factor(alice: Person) -> None:
    decided(alice, required_level=3, networks=["10.0.0.0/8"], local_sign_in=False)

    assert Client().get("/api/me", headers=alice.headers).status_code == 200


@pytest.mark.parametrize(
    "rules, since", [({"session_hours": 2}, "created_at"), ({"idle_minutes": 120}, "last_seen_at")]
)
def test_a_session_that_is_too_old_ends(alice: Person, rules: dict[str, int], since: str) -> None:
    client = signed_in(alice)
    decided(alice, **rules)
    aged(client, **{since: 7_100})
    assert client.get("/account").status_code == 200
    aged(client, **{since: 7_200})
    led = client.get("/account")

    assert (led.status_code, led["Location"]) == (302, "/sign-in?next=/account")
    assert not BrowserSession.objects.exists()


def test_the_organisations_own_sign_in_opens_by_the_connections_that_are_allowed(alice: Person) -> None:
    client, connection = signed_in(alice), uuid4()
    decided(alice, local_sign_in=False, connections=[str(connection)])
    prove(client, Proof(Method.PROVIDER, counts_in=alice.workspace, connection=uuid4()))
    assert client.get("/account").status_code == 302
    prove(client, Proof(Method.PROVIDER, counts_in=alice.workspace, connection=connection))

    assert client.get("/account").status_code == 200


def test_what_another_workspaces_provider_says_counts_for_nothing(alice: Person, charlie: Person) -> None:
    """Whoever runs a workspace can have a provider of theirs vouch for anybody."""
    client = signed_in(alice)
    Evidence.objects.all().delete()
    prove(client, Proof(Method.PROVIDER, Assurance.LEVEL_3, counts_in=charlie.workspace, connection=uuid4()))

    assert client.get("/account").status_code == 302
    assert client.get("/api/me", headers={"Accept": "application/json"}).json()["code"] == "sign_in_elsewhere"
    prove(client, Proof(Method.PASSWORD))
    assert client.get("/account").status_code == 200
    with unit(alice.workspace, alice.user.id), pytest.raises(ReauthenticationNeeded):
        assurance.require_fresh(actor_in(client, alice), Assurance.LEVEL_2)


def test_a_providers_word_is_not_enough_for_what_concerns_all_workspaces(alice: Person) -> None:
    client = signed_in(alice)
    actor = actor_in(client, alice)
    Evidence.objects.all().delete()
    prove(client, Proof(Method.PROVIDER, Assurance.LEVEL_3, counts_in=alice.workspace, connection=uuid4()))
    with unit(alice.workspace, alice.user.id):
        assurance.require_fresh(actor, Assurance.LEVEL_2)
        with pytest.raises(ReauthenticationNeeded):
            assurance.require_fresh(actor, here=True)


def test_another_workspaces_rules_are_not_asked(alice: Person, charlie: Person) -> None:
    client = signed_in(alice)
    decided(charlie, required_level=3)

    assert client.get("/account").status_code == 200


def test_whoever_watches_is_asked_again_by_the_new_rules(alice: Person) -> None:
    actor = actor_in(signed_in(alice), alice)
    with unit(alice.workspace, alice.user.id):
        permissions.still_present(actor)
        permissions.still_holds(actor)
    decided(alice, required_level=2)
    with unit(alice.workspace, alice.user.id):
        for check in (permissions.still_present, permissions.still_holds):
            with pytest.raises(SignInTooWeak):
                check(actor)
        permissions.still_holds(replace(actor, assurance=Assurance.LEVEL_2))
        permissions.still_holds(alice.actor)


def test_what_is_sensitive_asks_for_a_fresh_proof(alice: Person) -> None:
    client = signed_in(alice)
    actor = actor_in(client, alice)
    with unit(alice.workspace, alice.user.id):
        assurance.require_fresh(actor)
        with pytest.raises(ReauthenticationNeeded) as refusal:
            assurance.require_fresh(actor, Assurance.LEVEL_2)
        with pytest.raises(ReauthenticationNeeded):
            assurance.require_fresh(alice.actor)
    assert 'max_age="900"' in refusal.value.challenge
    Evidence.objects.all().delete()
    prove(client, Proof(Method.PASSWORD, at=datetime.now(UTC) - timedelta(minutes=15)))
    with unit(alice.workspace, alice.user.id), pytest.raises(ReauthenticationNeeded):
        assurance.require_fresh(actor)


def test_the_password_once_more_is_a_fresh_proof(alice: Person) -> None:
    client = signed_in(alice)
    Evidence.objects.all().delete()
    wrong = client.post("/sign-in/again?next=/members", {"password": "wrong"})
    right = client.post("/sign-in/again?next=/members", {"password": PASSWORD})

    assert (wrong.status_code, right.status_code, right["Location"]) == (400, 302, "/members")
    with unit(alice.workspace, alice.user.id):
        assurance.require_fresh(actor_in(client, alice))


def test_nobody_is_led_away_from_here(alice: Person) -> None:
    client = signed_in(alice)
    for elsewhere in ("https://example.org/", "//example.org", "/\\example.org"):
        assert client.post(f"/sign-in/again?next={elsewhere}", {"password": PASSWORD})["Location"] == "/"


def test_guessing_the_password_there_is_limited(alice: Person) -> None:
    client = signed_in(alice)
    answers = [client.post("/sign-in/again", {"password": "wrong"}).status_code for _ in range(12)]

    assert (answers[0], answers[-1]) == (400, 429)


def test_owners_decide_what_is_asked_and_everybody_is_asked_at_once(
    alice: Person, bob: Person, recorded: list[AuditEvent]
) -> None:
    owner, member = signed_in(alice), signed_in(bob)
    prove(owner, Proof(Method.PASSKEY, Assurance.LEVEL_3))
    wanted = Policy(required_level=Assurance.LEVEL_2, session_hours=12)
    with unit(alice.workspace, alice.user.id):
        actor = actor_in(owner, alice)
        epoch = alice.actor.epoch
        assert workspaces.effect_of(actor, wanted) == Effect(stronger=1)
        workspaces.decide(actor, wanted, HERE)
        assert policies.policy_here() == replace(wanted, version=1)
    assert alice.actor.epoch > epoch
    assert owner.get("/account").status_code == 200
    assert member.get("/account")["Location"].startswith("/sign-in/again")
    assert "auth_policy.decide" in [event.action for event in recorded]


@pytest.mark.parametrize(
    "wrong, refusal",
    [
        ({"required_level": Assurance.LEVEL_2}, Conflict),
        ({"networks": ("10.0.0.0/8",)}, Conflict),
        ({"local_sign_in": False}, Conflict),
        ({"networks": ("10.0.0.1/8",)}, Invalid),
        ({"networks": ("office",)}, Invalid),
        ({"networks": ("10.0.0.0/8",) * 101}, Invalid),
        ({"session_hours": 0}, Invalid),
        ({"fresh_minutes": 1_441}, Invalid),
        ({"version": 7}, Conflict),
    ],
)
def test_rules_that_cannot_be_or_shut_out_who_makes_them_are_refused(
    alice: Person, wrong: dict[str, Any], refusal: type[AtriumError]
) -> None:
    client = signed_in(alice)
    with unit(alice.workspace, alice.user.id):
        with pytest.raises(refusal):
            workspaces.decide(actor_in(client, alice), Policy(**wrong), HERE)
        assert policies.policy_here() == Policy()


def test_only_owners_decide_and_only_with_a_fresh_proof(alice: Person, dana: Person) -> None:
    client = signed_in(dana)
    with unit(dana.workspace, dana.user.id), pytest.raises(CapabilityMissing):
        workspaces.decide(actor_in(client, dana), Policy(), HERE)
    with unit(alice.workspace, alice.user.id), pytest.raises(StepUpNeeded):
        workspaces.decide(alice.actor, Policy(), HERE)
