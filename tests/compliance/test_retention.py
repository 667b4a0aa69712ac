"""A hold keeps, the longest retain rule is a floor, a ceiling only shortens, and a temporary thing has 30 days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.retention import NEVER, Cause, Effect, Governance, Hold, Level, Rule, State, decide
from workspace.common.retention import Item

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
BEING = Item(workspace=UUID(int=1), id=UUID(int=2), created_at=START)

days = st.integers(0, 4_000)
moments = days.map(lambda count: START + count * DAY)
lives = st.none() | days.map(lambda count: count * DAY) | st.just(timedelta.max)
rules = st.builds(Rule, st.sampled_from(Level), st.sampled_from(Effect), lives)
many_rules = st.lists(rules, max_size=6).map(tuple)
holds = st.builds(Hold, moments, st.none() | moments)
items = st.builds(
    Item,
    workspace=st.just(BEING.workspace),
    id=st.just(BEING.id),
    created_at=moments,
    is_temporary=st.booleans(),
    expires_at=st.none() | moments,
    deleted_at=st.none() | moments,
)
governances = st.builds(
    Governance,
    grace=st.integers(0, 30).map(lambda count: count * DAY),
    rules=many_rules,
    holds=st.lists(holds, max_size=3).map(tuple),
)
often = settings(max_examples=300)


def with_rule(governance: Governance, rule: Rule) -> Governance:
    return replace(governance, rules=(*governance.rules, rule))


@often
@given(items, governances, moments)
def test_a_hold_beats_everything(item: Item, governance: Governance, now: datetime) -> None:
    held = replace(governance, holds=(*governance.holds, Hold(now)))

    assert decide(item, held, now).state is not State.DUE


@often
@given(items, governances, moments)
def test_nothing_is_due_before_its_floor_or_its_end(item: Item, governance: Governance, now: datetime) -> None:
    decision = decide(item, governance, now)

    if decision.state is State.DUE:
        assert now >= decision.purge_at >= decision.keep_until


@often
@given(items, governances, moments, lives)
def test_a_retain_rule_never_brings_the_end_nearer(
    item: Item, governance: Governance, now: datetime, life: timedelta | None
) -> None:
    more = with_rule(governance, Rule(Level.SURFACE, Effect.RETAIN, life))

    assert decide(item, more, now).purge_at >= decide(item, governance, now).purge_at


@often
@given(items, governances, moments, st.sampled_from(Level), lives)
def test_a_ceiling_never_moves_the_end_away(
    item: Item, governance: Governance, now: datetime, level: Level, life: timedelta | None
) -> None:
    more = with_rule(governance, Rule(level, Effect.CEILING, life))

    assert decide(item, more, now).purge_at <= decide(item, governance, now).purge_at


@often
@given(items, governances, moments, st.permutations(range(6)))
def test_the_order_of_rules_does_not_matter(
    item: Item, governance: Governance, now: datetime, order: list[int]
) -> None:
    shuffled = tuple(governance.rules[place] for place in order if place < len(governance.rules))

    assert decide(item, replace(governance, rules=shuffled), now) == decide(item, governance, now)


@often
@given(items, governances, moments, moments)
def test_what_is_due_stays_due_until_somebody_holds_it(
    item: Item, governance: Governance, one: datetime, other: datetime
) -> None:
    free = replace(governance, holds=())

    if decide(item, free, min(one, other)).state is State.DUE:
        assert decide(item, free, max(one, other)).state is State.DUE


@often
@given(items, governances, moments)
def test_hiding_what_is_due_leaves_it_due(item: Item, governance: Governance, now: datetime) -> None:
    """The sweep hides first and deletes then: the second look must agree with the first."""
    if decide(item, governance, now).state is State.DUE:
        hidden = replace(item, deleted_at=item.deleted_at or now)

        assert decide(hidden, governance, now).state is State.DUE


@often
@given(items, governances, moments)
def test_a_temporary_thing_never_outlives_a_lasting_one(item: Item, governance: Governance, now: datetime) -> None:
    temporary = decide(replace(item, is_temporary=True), governance, now)
    lasting = decide(replace(item, is_temporary=False), governance, now)

    assert temporary.purge_at <= lasting.purge_at
    assert temporary.purge_at <= max(temporary.keep_until, item.created_at + 30 * DAY)


@often
@given(items, governances, moments, st.integers(0, 30))
def test_a_shorter_life_of_its_own_counts(item: Item, governance: Governance, now: datetime, count: int) -> None:
    short = replace(item, is_temporary=True, expires_at=item.created_at + count * DAY)
    decision = decide(short, governance, now)

    assert decision.purge_at <= max(decision.keep_until, short.created_at + count * DAY)


def test_of_ordinary_rules_the_most_specific_counts_and_there_the_shortest() -> None:
    governance = Governance(
        grace=DAY,
        rules=(
            Rule(Level.WORKSPACE, Effect.DELETE, 10 * DAY),
            Rule(Level.GROUP, Effect.DELETE, 90 * DAY),
            Rule(Level.GROUP, Effect.DELETE, 60 * DAY),
        ),
    )

    assert decide(BEING, governance, START).purge_at == START + 60 * DAY


def test_a_specific_long_ceiling_does_not_displace_a_general_short_rule() -> None:
    governance = Governance(
        grace=DAY,
        rules=(Rule(Level.WORKSPACE, Effect.DELETE, 10 * DAY), Rule(Level.CONVERSATION, Effect.CEILING, 90 * DAY)),
    )

    assert decide(BEING, governance, START).purge_at == START + 10 * DAY


def test_without_rules_a_thing_is_kept_until_its_person_deletes_it() -> None:
    governance = Governance(grace=30 * DAY)
    deleted = replace(BEING, deleted_at=START + DAY)

    assert decide(BEING, governance, START + 9_000 * DAY).purge_at == NEVER
    assert decide(deleted, governance, START + DAY).state is State.HIDDEN
    assert decide(deleted, governance, START + 31 * DAY).state is State.DUE


def test_ends_are_half_open() -> None:
    short = replace(BEING, is_temporary=True, expires_at=START + DAY)
    tick = timedelta(microseconds=1)

    assert decide(short, Governance(DAY), START + DAY - tick).state is State.KEPT
    assert decide(short, Governance(DAY), START + DAY).state is State.DUE


def test_a_hold_lives_until_it_is_released() -> None:
    short = replace(BEING, is_temporary=True, expires_at=START + DAY)
    governance = Governance(DAY, holds=(Hold(START, released_at=START + 5 * DAY),))

    states = [decide(short, governance, START + count * DAY).state for count in (0, 1, 4, 5)]

    assert states == [State.KEPT, State.HELD, State.HELD, State.DUE]


def test_what_a_floor_keeps_is_hidden_when_its_person_deletes_it() -> None:
    deleted = replace(BEING, deleted_at=START + DAY)
    governance = Governance(timedelta(0), rules=(Rule(Level.WORKSPACE, Effect.RETAIN, 90 * DAY),))

    assert decide(deleted, governance, START + 2 * DAY).state is State.HIDDEN
    assert decide(deleted, governance, START + 90 * DAY).state is State.DUE


def test_the_cause_is_what_ends_it_first() -> None:
    deleted = replace(BEING, deleted_at=START)
    short = replace(deleted, is_temporary=True, expires_at=START + DAY)
    ruled = Governance(30 * DAY, rules=(Rule(Level.USER, Effect.DELETE, DAY),))

    assert decide(deleted, Governance(30 * DAY), START).cause is Cause.DELETED
    assert decide(short, Governance(30 * DAY), START).cause is Cause.TEMPORARY
    assert decide(BEING, ruled, START).cause is Cause.RULE
