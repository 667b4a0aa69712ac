"""Jobs: claimed once, kept alive, tried again, never lost."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from tests.cast import Person
from workspace.common import jobs, leases
from workspace.common.errors import Conflict, Unavailable
from workspace.common.jobs import Given, PublishFailed
from workspace.common.models import Job
from workspace.common.work import unit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Job ids in the order in which they were published."""
    ids: list[UUID] = []
    monkeypatch.setattr(jobs, "_publishers", [ids.append])
    monkeypatch.setattr(jobs, "_not_before", [0.0])
    return ids


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, published: list[UUID]) -> list[Given]:
    """What the handler of `tests.note` was given."""
    given: list[Given] = []
    monkeypatch.setitem(jobs._handlers, "tests.note", given.append)
    return given


@pytest.fixture
def waiting(alice: Person, ran: list[Given]) -> Iterator[UUID]:
    with unit(alice.workspace):
        job = jobs.enqueue("tests.note", uuid.uuid4())
    yield job
    connections.close_all()


def row(job: UUID) -> Job:
    return Job.objects.using("sweep").get(id=job)


def late(job: UUID, **columns: object) -> None:
    """Moves a job's times into the past, as the clock would."""
    Job.objects.using("sweep").filter(id=job).update(due_at=Now() - timedelta(minutes=1), **columns)


def test_a_job_is_published_once_its_unit_has_committed(alice: Person, ran: list[Given], published: list[UUID]) -> None:
    with unit(alice.workspace):
        job = jobs.enqueue("tests.note", uuid.uuid4())
        assert published == []
    assert published == [job]


def test_a_unit_that_fails_leaves_no_job(alice: Person, ran: list[Given], published: list[UUID]) -> None:
    def write_and_fail() -> None:
        with unit(alice.workspace):
            jobs.enqueue("tests.note", uuid.uuid4())
            raise Conflict

    with pytest.raises(Conflict):
        write_and_fail()

    assert published == []
    assert not Job.objects.using("sweep").exists()


def test_a_job_that_no_room_has_cannot_be_written(alice: Person) -> None:
    with pytest.raises(KeyError), unit(alice.workspace):
        jobs.enqueue("tests.unknown", uuid.uuid4())


def test_an_absent_broker_fails_no_request_and_is_left_alone_for_a_while(
    alice: Person, ran: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[UUID] = []

    def refuse(job: UUID) -> None:
        tried.append(job)
        raise PublishFailed

    monkeypatch.setattr(jobs, "_publishers", [refuse])
    for _ in range(3):
        with unit(alice.workspace):
            jobs.enqueue("tests.note", uuid.uuid4())

    assert len(tried) == 1
    assert Job.objects.using("sweep").count() == 3


def test_a_job_runs_in_its_workspace_and_is_done(alice: Person, waiting: UUID, ran: list[Given]) -> None:
    leases.run(waiting)

    assert [(given.workspace, given.attempt) for given in ran] == [(alice.workspace, 1)]
    assert row(waiting).state == Job.State.DONE


def test_a_message_that_comes_again_changes_nothing(waiting: UUID, ran: list[Given]) -> None:
    for _ in range(3):
        leases.run(waiting)

    assert len(ran) == 1


def test_of_many_workers_one_runs_a_job(waiting: UUID, ran: list[Given]) -> None:
    barrier = threading.Barrier(6)

    def one(_: int) -> None:
        try:
            barrier.wait()
            leases.run(waiting)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(one, range(6)))

    assert len(ran) == 1


def test_a_job_that_is_not_due_is_left_alone(alice: Person, ran: list[Given], published: list[UUID]) -> None:
    with unit(alice.workspace):
        job = jobs.enqueue("tests.note", uuid.uuid4(), delay=timedelta(hours=1))

    leases.run(job)

    assert (ran, published, leases.resend()) == ([], [], 0)


@pytest.mark.parametrize(
    "error, state", [(Unavailable(), "waiting"), (RuntimeError(), "waiting"), (Conflict(), "failed")]
)
def test_only_what_may_pass_is_tried_again(
    waiting: UUID, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    def fail(given: Given) -> None:
        raise error

    monkeypatch.setitem(jobs._handlers, "tests.note", fail)

    leases.run(waiting)

    found = row(waiting)
    assert found.state == state
    assert Job.objects.using("sweep").filter(id=waiting, due_at__gt=Now()).exists() == (state == "waiting")


def test_after_five_attempts_a_job_has_failed(
    waiting: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[int] = []

    def fail(given: Given) -> None:
        attempts.append(given.attempt)
        raise RuntimeError("the words of a conversation")

    monkeypatch.setitem(jobs._handlers, "tests.note", fail)
    for _ in range(7):
        late(waiting)
        leases.run(waiting)

    assert attempts == [1, 2, 3, 4, 5]
    assert (row(waiting).state, row(waiting).error_code) == ("failed", "internal")
    assert "conversation" not in caplog.text


def test_a_message_that_got_lost_is_sent_again_but_not_at_once(waiting: UUID, published: list[UUID]) -> None:
    late(waiting)

    assert (leases.resend(), leases.resend()) == (1, 0)
    assert published == [waiting, waiting]


def test_a_job_whose_process_died_is_run_by_another(waiting: UUID, ran: list[Given]) -> None:
    dead = leases.claim(waiting)
    assert dead
    leases.run(waiting)
    assert ran == []

    late(waiting, lease_until=Now() - timedelta(seconds=1))
    leases.resend()
    leases.run(waiting)

    assert [given.attempt for given in ran] == [2]


def test_a_job_that_ends_its_process_each_time_is_given_up(waiting: UUID, published: list[UUID]) -> None:
    attempts = []
    for _ in range(leases.MAX_ATTEMPTS + 2):
        late(waiting, lease_until=Now() - timedelta(seconds=1))
        leases.resend()
        if claimed := leases.claim(waiting):  # and nothing is heard of it any more
            attempts.append(claimed.given.attempt)

    found = row(waiting)
    assert attempts == [1, 2, 3, 4, 5]
    assert (found.state, found.error_code, found.claim) == ("failed", "gave_up", None)
    assert found.finished_at is not None
    assert published.count(waiting) == 1 + leases.MAX_ATTEMPTS


def test_a_process_that_was_paused_longer_than_its_lease_cannot_finish_the_job(waiting: UUID) -> None:
    paused = leases.claim(waiting)
    assert paused
    late(waiting, lease_until=Now() - timedelta(seconds=1))
    leases.resend()
    other = leases.claim(waiting)

    assert other
    assert paused.ours().update(state=Job.State.DONE) == 0
    assert other.ours().update(state=Job.State.DONE) == 1


def test_a_heartbeat_keeps_a_long_job(waiting: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT", 0.01)
    renewed = threading.Event()
    claimed = leases.claim(waiting)
    assert claimed
    before = row(waiting).lease_until

    def is_renewed() -> bool:
        return Job.objects.using("sweep").filter(id=waiting, lease_until__gt=before).exists()

    with leases.kept_alive(claimed):
        for _ in range(500):
            if is_renewed() or renewed.wait(0.01):
                break

    assert is_renewed()


def test_ended_jobs_are_forgotten_after_a_week(waiting: UUID) -> None:
    leases.run(waiting)
    assert leases.forget() == 0

    Job.objects.using("sweep").filter(id=waiting).update(finished_at=F("finished_at") - timedelta(days=8))

    assert leases.forget() == 1
