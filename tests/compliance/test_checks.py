"""A process that would keep things too long, or keep no trail, does not start."""

import pytest
from django.core import checks

from workspace.common import audit


def found() -> list[str | None]:
    return [message.id for message in checks.run_checks()]


def test_a_right_process_starts() -> None:
    assert found() == []


def test_without_an_audit_writer_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_writers", [])

    assert found() == ["atrium.E010"]


@pytest.mark.parametrize("name", ["ATRIUM_TEMPORARY_TTL", "ATRIUM_DELETED_TTL"])
def test_a_life_of_more_than_thirty_days_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "2592001")

    assert found() == ["atrium.E020"]
