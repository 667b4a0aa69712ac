"""The ledger keeps every answer; the newest of each scope counts, and a narrower one can only take away."""

import threading

import pytest

from compliance.actions import record_consent
from compliance.contracts import Purpose, Scope
from compliance.errors import PurposeFixed
from compliance.models import AuditEntry, Consent
from compliance.queries import policy_of
from tests.cast import Person
from workspace.accounts.errors import CapabilityMissing
from workspace.common.contracts import Actor, Surface
from workspace.common.work import unit


def answer(actor: Actor, scope: Scope, allows: bool) -> int:
    with unit(actor.workspace):
        return record_consent(actor, scope, Purpose.TRAINING, allows=allows)


def reason(actor: Actor, surface: Surface = Surface.CONSUMER) -> str:
    with unit(actor.workspace):
        return policy_of(actor, temporary=False, surface=surface).training.reason


def test_an_opt_out_holds_for_everything_after_it_until_it_is_taken_back(bob: Person) -> None:
    actor = bob.actor
    seen = [reason(actor)]

    for allows in (False, True, False):
        answer(actor, Scope.USER, allows)
        seen.append(reason(actor))

    assert seen == ["not_opted_out", "user_opt_out", "not_opted_out", "user_opt_out"]


def test_the_decision_names_the_newest_answer_it_heard(bob: Person) -> None:
    actor = bob.actor
    answer(actor, Scope.USER, allows=True)
    sequence = answer(actor, Scope.USER, allows=False)

    with unit(actor.workspace):
        assert policy_of(actor, temporary=False, surface=Surface.CONSUMER).training.consent_sequence == sequence == 2


def test_a_person_cannot_loosen_what_the_workspace_refused(alice: Person, bob: Person) -> None:
    answer(alice.actor, Scope.WORKSPACE, allows=False)
    answer(bob.actor, Scope.USER, allows=True)

    assert reason(bob.actor) == "workspace_opt_out"


def test_an_answer_is_about_oneself(alice: Person, bob: Person) -> None:
    answer(alice.actor, Scope.USER, allows=False)

    assert reason(bob.actor) == "not_opted_out"


def test_an_answer_stays_in_its_workspace(alice: Person, charlie: Person) -> None:
    answer(alice.actor, Scope.WORKSPACE, allows=False)

    assert reason(charlie.actor) == "not_opted_out"


def test_no_answer_opens_an_enterprise(alice: Person) -> None:
    answer(alice.actor, Scope.WORKSPACE, allows=True)
    answer(alice.actor, Scope.USER, allows=True)

    assert reason(alice.actor, Surface.ENTERPRISE) == "surface_default"


def test_a_policy_is_on_the_actors_own_surface_unless_another_is_named(alice: Person) -> None:
    actor = alice.actor
    with unit(actor.workspace):
        assert policy_of(actor, temporary=False).surface is Surface.ENTERPRISE


def test_a_member_does_not_answer_for_the_workspace(bob: Person) -> None:
    with pytest.raises(CapabilityMissing):
        answer(bob.actor, Scope.WORKSPACE, allows=True)


@pytest.mark.parametrize("purpose", [Purpose.ADS, Purpose.PROFILING, Purpose.SALE])
def test_nobody_can_consent_to_what_is_always_refused(alice: Person, purpose: Purpose) -> None:
    actor = alice.actor

    with pytest.raises(PurposeFixed), unit(actor.workspace):
        record_consent(actor, Scope.USER, purpose, allows=True)


def test_each_answer_is_audited(bob: Person) -> None:
    sequence = answer(bob.actor, Scope.USER, allows=False)

    with unit(bob.workspace):
        entry = AuditEntry.objects.get(action="consent.record")
    assert entry.details == {"scope": "user", "purpose": "training", "allows": False, "sequence": sequence}


@pytest.mark.django_db(transaction=True)
def test_answers_given_at_the_same_time_are_numbered_without_gap(bob: Person) -> None:
    actor = bob.actor
    threads = [threading.Thread(target=answer, args=(actor, Scope.USER, bool(turn % 2))) for turn in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    with unit(actor.workspace):
        assert sorted(Consent.objects.values_list("sequence", flat=True)) == list(range(1, 13))
