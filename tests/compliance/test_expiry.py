"""What is over goes, once, with its key; what is not over stays; a kill or a failure leaves nothing half done."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections

from compliance import expiry
from compliance.expiry import expire
from compliance.models import AuditEntry
from tests.bed import ROOT, url_of
from tests.cast import Person
from tests.compliance.documents import Documents, hidden_at, left_of, made
from workspace.common import retention, sweeps
from workspace.common.models import IdempotencyRecord
from workspace.common.retention import ShortLived
from workspace.common.work import unit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])

GONE = (False, False)
WHOLE = (True, True)


@pytest.fixture(autouse=True)
def documents(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The made-up things are the only ones, for this test."""
    monkeypatch.setattr(retention, "_targets", {})
    retention.register(Documents())
    yield
    connections["sweep"].close()


def purges(workspace: UUID) -> list[tuple[UUID | None, str]]:
    with unit(workspace):
        entries = AuditEntry.objects.filter(action="document.purge", object_kind="document")
        return [(entry.object_id, entry.details["cause"]) for entry in entries]


def test_what_expired_goes_with_its_key_and_is_recorded(alice: Person) -> None:
    document = made(alice.workspace, expires_in=-1)

    assert expire() == 1

    assert left_of(alice.workspace, document) == GONE
    assert purges(alice.workspace) == [(document, "temporary")]


def test_what_is_not_over_stays(alice: Person) -> None:
    kept = [
        made(alice.workspace),
        made(alice.workspace, expires_in=3600),
        made(alice.workspace, deleted_ago=3600),
    ]

    assert expire() == 0
    assert [left_of(alice.workspace, document) for document in kept] == [WHOLE] * 3


def test_what_a_person_deleted_goes_after_the_time_of_grace(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    document = made(alice.workspace, deleted_ago=60)
    assert expire() == 0

    monkeypatch.setenv("ATRIUM_DELETED_TTL", "59")

    assert expire() == 1
    assert purges(alice.workspace) == [(document, "deleted")]


def test_all_workspaces_are_swept_each_in_its_own_trail(alice: Person, charlie: Person) -> None:
    for person in (alice, charlie):
        made(person.workspace, expires_in=-1)

    assert expire() == 2
    assert [len(purges(person.workspace)) for person in (alice, charlie)] == [1, 1]


def test_more_than_a_batch_is_ended(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    for _ in range(5):
        made(alice.workspace, expires_in=-1)

    assert expire() == 5


def test_sweeping_again_finds_nothing(alice: Person) -> None:
    made(alice.workspace, expires_in=-1)

    assert (expire(), expire()) == (1, 0)
    assert len(purges(alice.workspace)) == 1


def test_sweeps_at_the_same_time_end_each_thing_once(alice: Person) -> None:
    for _ in range(12):
        made(alice.workspace, expires_in=-1)
    ended: list[int] = []

    def sweep() -> None:
        ended.append(expire())
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sum(ended) == 12
    assert len(purges(alice.workspace)) == 12


class Kept(Documents):
    """Says that it deletes, and does not."""

    def delete(self, item: UUID) -> int:
        return 1


def test_what_is_still_there_is_no_purge_but_stays_hidden(alice: Person, caplog: pytest.LogCaptureFixture) -> None:
    retention.register(Kept())
    document = made(alice.workspace, expires_in=-1)

    assert expire() == 0

    assert left_of(alice.workspace, document) == WHOLE
    assert hidden_at(alice.workspace, document) is not None
    assert purges(alice.workspace) == []
    assert [(line.message, line.item) for line in caplog.records] == [  # type: ignore[attr-defined]
        ("something that is over could not be purged", str(document))
    ]


def test_one_that_cannot_be_purged_holds_up_no_other(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 1)
    made_up = [made(alice.workspace, expires_in=-1) for _ in range(4)]
    stuck = min(made_up)

    def fail(name: str, item: UUID) -> None:
        if name == "delete" and item == stuck:
            with connection.cursor() as cursor:
                cursor.execute("select 1 / 0")

    retention.register(Documents(fail))

    assert expire() == 3
    assert [left_of(alice.workspace, one) == WHOLE for one in sorted(made_up)] == [True, False, False, False]

    retention.register(Documents())
    assert expire() == 1


def test_a_thing_that_came_back_to_life_before_its_lock_stays(alice: Person) -> None:
    """Between finding and deleting, its end was moved: the second look is the one that counts."""
    document = made(alice.workspace, expires_in=-1)

    class Prolonged(Documents):
        def due(self, *arguments: object) -> list[retention.Item]:
            found = list(super().due(*arguments))  # type: ignore[arg-type]
            with unit(alice.workspace), connection.cursor() as cursor:
                cursor.execute("update common_job set due_at = now() + interval '1 hour' where id = %s", [document])
            return found

    retention.register(Prolonged())

    assert expire() == 0
    assert left_of(alice.workspace, document) == WHOLE
    assert hidden_at(alice.workspace, document) is None


@pytest.mark.slow
@pytest.mark.parametrize("step", ["hide", "delete", "look"])
def test_a_sweep_that_was_killed_is_finished_by_the_next(alice: Person, worker_id: str, step: str) -> None:
    document = made(alice.workspace, expires_in=-1)
    command = [sys.executable, "-m", "tests.compliance.killed_sweep", step]
    environment = os.environ | {"DATABASE_URL": url_of(f"test_{worker_id}")}

    killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)

    assert killed.returncode == -9, killed.stderr.decode()
    assert left_of(alice.workspace, document) == WHOLE
    assert (hidden_at(alice.workspace, document) is None) == (step == "hide")
    assert expire() == 1
    assert left_of(alice.workspace, document) == GONE
    assert purges(alice.workspace) == [(document, "temporary")]


def test_short_lived_content_is_purged_too_and_a_failure_of_one_stops_no_other(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> int:
        raise DatabaseError

    monkeypatch.setattr(retention, "_short_lived", {})
    retention.register_short_lived(ShortLived("failing", (), failing))
    retention.register_short_lived(ShortLived("idle", (), lambda: 7))

    assert expire() == 7


def test_remembered_answers_are_short_lived() -> None:
    assert IdempotencyRecord in retention.covered()


def test_the_sweep_is_registered(alice: Person) -> None:
    document = made(alice.workspace, expires_in=-1)

    (done,) = sweeps.sweep_all("retention.expire")

    assert (done.count, done.failed) == (1, False)
    assert left_of(alice.workspace, document) == GONE


def test_an_unknown_thing_is_no_error(alice: Person) -> None:
    """Somebody else's sweep was faster."""
    item = retention.Item(alice.workspace, uuid4(), created_at=alice.user.date_joined)

    class Stale(Documents):
        def due(self, grace: object, after: UUID | None, limit: int) -> list[retention.Item]:
            return [] if after else [item]

    retention.register(Stale())

    assert expire() == 0
