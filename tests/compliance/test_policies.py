"""Training is off unless a table, the workspace and the person all leave it open; temporary is never open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import policies
from compliance.contracts import Answer, DataPolicy, Fallback, Purpose, Reason, Scope
from compliance.policies import DEFAULTS, permits, policy_for
from workspace.common.contracts import Surface
from workspace.common.environment import EnvironmentValueError

surfaces = st.sampled_from(Surface)
answers = st.lists(st.builds(Answer, st.sampled_from(Scope), st.booleans(), st.integers(1, 10_000)), max_size=4)


def test_every_surface_has_a_row() -> None:
    assert set(DEFAULTS) == set(Surface)


@pytest.mark.parametrize("surface", [Surface.API, Surface.ENTERPRISE, Surface.BUSINESS])
def test_organisations_and_programs_are_not_trained_on(surface: Surface) -> None:
    decision = policy_for(surface, temporary=False).training

    assert (decision.allowed, decision.reason) == (False, "surface_default")


def test_consumers_may_be_trained_on_until_they_opt_out() -> None:
    before = policy_for(Surface.CONSUMER, temporary=False).training
    after = policy_for(Surface.CONSUMER, temporary=False, answers=[Answer(Scope.USER, allows=False, sequence=7)])

    assert (before.allowed, before.reason, before.consent_sequence) == (True, "not_opted_out", None)
    assert (after.training.allowed, after.training.reason) == (False, "user_opt_out")
    assert after.training.consent_sequence == 7


@given(surface=surfaces, given_answers=answers)
def test_temporary_is_never_trained_on(surface: Surface, given_answers: list[Answer]) -> None:
    decision = policy_for(surface, temporary=True, answers=given_answers).training

    assert (decision.allowed, decision.reason) == (False, Reason.TEMPORARY)


@given(surface=surfaces, given_answers=answers)
def test_temporary_only_tightens(surface: Surface, given_answers: list[Answer]) -> None:
    lasting = policy_for(surface, temporary=False, answers=given_answers)
    temporary = policy_for(surface, temporary=True, answers=given_answers)

    assert temporary.training.allowed <= lasting.training.allowed
    assert temporary.fallback == lasting.fallback
    assert lasting.expires_after is None
    assert temporary.expires_after is not None


@given(surface=surfaces, temporary=st.booleans(), given_answers=answers)
def test_a_policy_is_never_weaker_than_any_of_its_inputs(
    surface: Surface, temporary: bool, given_answers: list[Answer]
) -> None:
    allowed = policy_for(surface, temporary=temporary, answers=given_answers).training.allowed

    assert allowed == (DEFAULTS[surface].training and not temporary and all(one.allows for one in given_answers))


@given(surface=surfaces, temporary=st.booleans(), given_answers=answers)
def test_one_more_answer_never_loosens(surface: Surface, temporary: bool, given_answers: list[Answer]) -> None:
    policy = policy_for(surface, temporary=temporary, answers=given_answers[1:])
    with_one_more = policy_for(surface, temporary=temporary, answers=given_answers)

    assert with_one_more.training.allowed <= policy.training.allowed


@given(given_answers=answers, order=st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(given_answers: list[Answer], order: Random) -> None:
    shuffled = sorted(given_answers, key=lambda _: order.random())

    assert policy_for(Surface.CONSUMER, temporary=False, answers=shuffled) == policy_for(
        Surface.CONSUMER, temporary=False, answers=given_answers
    )


@given(surface=surfaces, temporary=st.booleans(), given_answers=answers)
def test_ads_profiling_and_sale_are_refused_whatever_is_answered(
    surface: Surface, temporary: bool, given_answers: list[Answer]
) -> None:
    policy = policy_for(surface, temporary=temporary, answers=given_answers)
    forged = replace(policy, training=replace(policy.training, allowed=True))

    assert not [purpose for purpose in (Purpose.ADS, Purpose.PROFILING, Purpose.SALE) if permits(forged, purpose)]
    assert permits(policy, Purpose.TRAINING) == policy.training.allowed


@given(surface=surfaces, temporary=st.booleans())
def test_no_call_leaves_our_engines_by_default(surface: Surface, temporary: bool) -> None:
    policy = policy_for(surface, temporary=temporary)

    assert policy.fallback is Fallback.NEVER
    assert policy.version == policies.VERSION


def life(monkeypatch: pytest.MonkeyPatch, seconds: str) -> Callable[[], DataPolicy]:
    monkeypatch.setenv("ATRIUM_TEMPORARY_TTL", seconds)
    return lambda: policy_for(Surface.CONSUMER, temporary=True)


def test_a_temporary_chat_lives_thirty_days_or_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy_for(Surface.CONSUMER, temporary=True).expires_after == timedelta(days=30)
    assert life(monkeypatch, "2592000")().expires_after == timedelta(days=30)
    assert life(monkeypatch, "1.5")().expires_after == timedelta(seconds=1.5)


@pytest.mark.parametrize("seconds", ["2592001", "0", "-1", "soon", "nan", "inf"])
def test_a_temporary_chat_cannot_live_longer_or_not_at_all(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    with pytest.raises(EnvironmentValueError):
        life(monkeypatch, seconds)()
