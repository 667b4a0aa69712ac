"""A link's hash depends on every part of the entry, on its number and on all before it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from compliance.chain import COLUMNS, START, ChainedEntry, link_hash
from compliance.models import AuditEntry

ENTRY = ChainedEntry(
    id=UUID(int=1),
    workspace_id=UUID(int=2),
    action="thing.make",
    actor_id=UUID(int=3),
    credential_id=None,
    surface="enterprise",
    object_kind="thing",
    object_id=UUID(int=4),
    details={"b": 1, "a": "ü"},
    at=datetime(2026, 11, 25, 1, 2, 3, 4, tzinfo=UTC),
)
CHANGED = [
    {"id": UUID(int=9)},
    {"workspace_id": UUID(int=9)},
    {"action": "thing.made"},
    {"actor_id": None},
    {"credential_id": UUID(int=9)},
    {"surface": "api"},
    {"object_kind": "thin"},
    {"object_id": UUID(int=9)},
    {"details": {"b": 2, "a": "ü"}},
    {"at": ENTRY.at + timedelta(microseconds=1)},
]


def test_the_chain_fixes_every_column_of_an_entry() -> None:
    assert set(COLUMNS) == {field.attname for field in AuditEntry._meta.local_fields}


def test_the_canonical_form_never_changes() -> None:
    """Chains are kept for years: another form would break all that were written."""
    written = (
        '["00000000-0000-0000-0000-000000000001","00000000-0000-0000-0000-000000000002","thing.make",'
        '"00000000-0000-0000-0000-000000000003",null,"enterprise","thing","00000000-0000-0000-0000-000000000004",'
        '{"a":"\\u00fc","b":1},"2026-11-25T01:02:03.000004+00:00"]'
    )

    assert ENTRY.canonical() == written.encode()
    assert link_hash(START, 1, ENTRY) == hashlib.sha256(bytes(32) + bytes(7) + b"\x01" + written.encode()).digest()


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: next(iter(change)))
def test_another_value_in_any_column_is_another_hash(change: dict[str, Any]) -> None:
    assert link_hash(START, 1, replace(ENTRY, **change)) != link_hash(START, 1, ENTRY)


def test_another_number_or_another_past_is_another_hash() -> None:
    hashed = link_hash(START, 1, ENTRY)

    assert link_hash(START, 2, ENTRY) != hashed
    assert link_hash(hashed, 1, ENTRY) != hashed


def test_the_same_moment_in_another_time_zone_is_the_same_hash() -> None:
    tokyo = replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=9))))

    assert link_hash(START, 1, tokyo) == link_hash(START, 1, ENTRY)
