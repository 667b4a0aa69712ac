"""Two runners and a clock: a run is held by one at most, and every change of holder raises its epoch."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.cast import Person
from tests.runs.diary import Asked, Diary, ask
from workspace.common import roles
from workspace.common.work import unit
from workspace.runs import actions, claims
from workspace.runs.claims import Claim
from workspace.runs.connections import Connection, address
from workspace.runs.contracts import State

T = TypeVar("T")
LEASE = 3600.0
RUNNERS = [UUID(int=1), UUID(int=2)]


async def connected() -> Connection:
    return await psycopg.AsyncConnection.connect(address(roles.RUNNER), autocommit=True)


def once(person: Person, *held: UUID, runner: UUID = RUNNERS[0]) -> Claim | None:
    async def claim() -> Claim | None:
        async with await connected() as connection:
            return await claims.claim(connection, runner, LEASE, held)

    return asyncio.run(claim())


def test_the_turn_goes_to_whoever_has_the_fewest_answers_being_written(
    transactional_db: None, alice: Person, bob: Person, diary: Diary
) -> None:
    alices = [ask(alice).run for _ in range(3)]
    bobs = [ask(bob).run for _ in range(2)]

    order = [found.id for _ in range(5) if (found := once(alice)) is not None]

    assert order == [alices[0], bobs[0], alices[1], bobs[1], alices[2]]
    assert once(alice) is None


def test_a_run_that_waits_for_a_person_is_nobodys_until_it_is_woken(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    from workspace.runs.models import Run

    asked = ask(alice)
    with unit(alice.workspace, alice.user.id):
        Run.objects.filter(id=asked.run).update(state=State.WAITING)
    assert once(alice) is None

    with unit(alice.workspace, alice.user.id):
        assert actions.wake(asked.run)
        assert not actions.wake(asked.run)

    claim = once(alice)
    assert claim is not None
    assert (claim.id, claim.state) == (asked.run, State.RUNNING)


def test_what_a_runner_holds_itself_it_does_not_claim_again(
    transactional_db: None, alice: Person, diary: Diary
) -> None:
    asked = ask(alice)

    assert once(alice, asked.run) is None


class Model:
    """What must hold of one run: written without a database."""

    def __init__(self) -> None:
        self.state, self.epoch, self.is_expired = State.QUEUED, 0, True
        self.holder: UUID | None = None

    @property
    def is_free(self) -> bool:
        return not self.state.is_final and (self.holder is None or self.is_expired)


class Claiming(RuleBasedStateMachine):
    """Claims, heartbeats, expiry, hand-backs, stops and ends, in any order, of two runs and two runners."""

    person: Person

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.connection = self.run(connected())
        self.models: dict[UUID, Model] = {}
        self.known: dict[tuple[UUID, UUID], int] = {}

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(coroutine)

    def teardown(self) -> None:
        self.run(self.connection.execute("update runs_run set state = 'failed', lease_until = null"))
        self.run(self.connection.close())
        self.loop.close()

    @initialize()
    def asked(self) -> None:
        self.runs: list[Asked] = [ask(self.person) for _ in range(2)]
        self.models = {asked.run: Model() for asked in self.runs}

    @rule(runner=st.sampled_from(RUNNERS))
    def claim(self, runner: UUID) -> None:
        claim = self.run(claims.claim(self.connection, runner, LEASE, []))
        free = {run for run, model in self.models.items() if model.is_free}
        assert (claim is None) == (not free)
        if claim is None:
            return
        model = self.models[claim.id]
        assert claim.id in free
        assert claim.epoch == model.epoch + 1
        model.state = State.RUNNING if model.state is State.QUEUED else model.state
        assert claim.state is model.state
        model.epoch, model.holder, model.is_expired = claim.epoch, runner, False
        self.known[runner, claim.id] = claim.epoch

    @rule(runner=st.sampled_from(RUNNERS))
    def beat(self, runner: UUID) -> None:
        epochs = {run: epoch for (who, run), epoch in self.known.items() if who == runner}
        states = self.run(claims.beat(self.connection, epochs, LEASE)) if epochs else {}
        for run, epoch in epochs.items():
            model = self.models[run]
            is_held = model.epoch == epoch and not model.state.is_final
            assert states.get(run) == (model.state if is_held else None)
            if is_held:
                model.holder, model.is_expired = runner, False

    @rule(number=st.integers(0, 1))
    def time_passes(self, number: int) -> None:
        run = self.runs[number].run
        expire = (
            "update runs_run set lease_until = clock_timestamp() - interval '1 s' where id = %s and lease_until > now()"
        )
        self.run(self.connection.execute(expire, [run]))
        self.models[run].is_expired = True

    @rule(runner=st.sampled_from(RUNNERS))
    def hand_back(self, runner: UUID) -> None:
        self.run(claims.release(self.connection, runner))
        for run, model in self.models.items():
            if self.known.get((runner, run)) == model.epoch and not model.state.is_final:
                model.holder = None

    @rule(number=st.integers(0, 1))
    def stop(self, number: int) -> None:
        asked = self.runs[number]
        model = self.models[asked.run]
        assert asked.stop() == (model.state in {State.QUEUED, State.RUNNING})
        if not model.state.is_final:
            model.state = State.STOPPING

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        (_, run), epoch = data.draw(st.sampled_from(sorted(self.known.items())))
        statement = "update runs_run set state = 'done', lease_until = null where id = %s and epoch = %s returning id"
        model = self.models[run]
        cursor = self.run(self.connection.execute(statement, [run, epoch]))
        ended = self.run(cursor.fetchone())
        assert (ended is not None) == (model.epoch == epoch)
        if ended is not None:
            model.state, model.holder = State.DONE, None


@pytest.mark.slow
def test_claims_follow_the_model(transactional_db: None, alice: Person, diary: Diary) -> None:
    machine = type("ClaimingOfAlice", (Claiming,), {"person": alice})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.parametrize("holders", [2, 5])
def test_claims_at_the_same_moment_never_meet(
    transactional_db: None, alice: Person, diary: Diary, holders: int
) -> None:
    runs = {ask(alice).run for _ in range(20)}

    async def all_of_one() -> list[UUID]:
        found = []
        async with await connected() as connection:
            while (claim := await claims.claim(connection, uuid4(), LEASE, [])) is not None:
                found.append(claim.id)
        return found

    async def all_at_once() -> list[list[UUID]]:
        return await asyncio.gather(*(all_of_one() for _ in range(holders)))

    claimed = [run for found in asyncio.run(all_at_once()) for run in found]
    assert sorted(claimed) == sorted(runs)
