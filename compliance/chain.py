"""The hash chain over a workspace's audit entries: a link fixes its entry, its number and every link before it.

hash = SHA-256(previous hash || number as 8 bytes, big-endian || the entry in canonical form). Changing, cutting out or
moving an entry breaks the first link behind it. Whoever can rewrite the whole chain, or cut off its end, leaves a chain
that holds: only a head that was noted elsewhere shows it (docs/compliance.md).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

START: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An audit entry as the chain fixes it: exactly the columns of `AuditEntry`, under their names."""

    id: UUID
    workspace_id: UUID
    action: str
    actor_id: UUID | None
    credential_id: UUID | None
    surface: str
    object_kind: str
    object_id: UUID | None
    details: Mapping[str, Any]
    at: datetime

    def canonical(self) -> bytes:
        """JSON in ASCII, in the order of the columns, keys sorted, times in UTC to the microsecond."""
        values = [_plain(value) for value in astuple(self)]
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


COLUMNS: Final = tuple(field.name for field in fields(ChainedEntry))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def link_hash(previous: bytes, sequence: int, entry: ChainedEntry) -> bytes:
    """The hash of the link with this number: 32 bytes."""
    return hashlib.sha256(previous + sequence.to_bytes(8, "big") + entry.canonical()).digest()
