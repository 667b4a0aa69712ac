import io

import pytest
from django.core.management import CommandError, call_command

from tests.cast import Person
from workspace.common import sweeps
from workspace.common.sweeps import Swept


@pytest.fixture(autouse=True)
def own_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_sweeps", {})


def fail() -> int:
    raise RuntimeError("the words of a conversation")


def test_every_sweep_runs_and_says_how_much_it_did() -> None:
    sweeps.register("a", lambda: 2)
    sweeps.register("b", lambda: 0)

    assert sweeps.sweep_all() == [Swept("a", 2), Swept("b", 0)]


def test_one_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    sweeps.register("bad", fail)
    sweeps.register("good", lambda: 1)

    assert sweeps.sweep_all() == [Swept("bad", 0, failed=True), Swept("good", 1)]
    assert "conversation" not in caplog.text


def test_the_command_prints_what_was_done_and_fails_where_a_sweep_did() -> None:
    said = io.StringIO()
    sweeps.register("done", lambda: 3)
    sweeps.register("idle", lambda: 0)
    call_command("sweep", stdout=said)
    assert said.getvalue() == "done 3\n"

    sweeps.register("bad", fail)
    with pytest.raises(CommandError, match="bad"):
        call_command("sweep", stdout=io.StringIO())


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_yesterdays_idempotency_records_are_forgotten(alice: Person) -> None:
    from workspace.common import idempotency
    from workspace.common.models import IdempotencyRecord
    from workspace.common.work import unit

    with unit(alice.workspace, alice.user.id):
        for day in ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"):
            IdempotencyRecord.objects.create(
                user_id=alice.user.id, key_digest=day.encode(), body_digest=b"", created_at=day
            )

    assert (idempotency.forget(), idempotency.forget()) == (1, 0)
