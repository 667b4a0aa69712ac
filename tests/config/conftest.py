import pytest

from workspace.common import audit
from workspace.common.audit import AuditEvent


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[AuditEvent]:
    """What was recorded. The room that keeps it stands above this one, and is no part of these tests."""
    events: list[AuditEvent] = []
    monkeypatch.setattr(audit, "_writers", [events.append])
    return events
