"""The port through which every room records what was done. Compliance installs the writer; nothing starts without."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from workspace.common.contracts import Actor


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act. `action` is `noun.verb`, as "conversation.delete"; `details` holds ids, numbers and codes only."""

    action: str
    actor: Actor | None
    object_kind: str = ""
    object_id: UUID | None = None
    details: Mapping[str, str | int | bool] = field(default_factory=dict)


Writer = Callable[[AuditEvent], None]


class AuditNotInstalled(RuntimeError):
    """Something was to be recorded before compliance installed the writer."""


_writers: list[Writer] = []


def install(writer: Writer) -> None:
    """Names the one writer. Called by the composition root, once a process."""
    _writers[:] = [writer]


def installed() -> bool:
    """Whether there is a writer; the start-up check asks."""
    return bool(_writers)


def record(event: AuditEvent) -> None:
    """Writes the event in the caller's transaction: the act and its record stand or fall together.

    Raises:
        AuditNotInstalled: there is no writer.
    """
    if not _writers:
        raise AuditNotInstalled
    _writers[0](event)
