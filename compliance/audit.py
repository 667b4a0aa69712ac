"""The writer of the audit port: one row in the transaction of the act."""

from collections.abc import Mapping
from uuid import UUID

from compliance.models import AuditEntry
from compliance.pseudonyms import pseudonym
from workspace.common.audit import AuditEvent
from workspace.common.keys import KeyDestroyed

# An object of this kind, and a detail of this name, is the id of a person.
PERSON = "user"


def write(event: AuditEvent) -> None:
    """Writes the entry; the database puts it in line for the sealer and wakes it once the transaction commits.

    Raises:
        KeyDestroyed: the actor's key is gone: an erased person does nothing.
    """
    actor = event.actor
    named = event.object_id
    if named and event.object_kind == PERSON:
        named = _of_person(named)
    AuditEntry.objects.create(
        action=event.action,
        actor_id=pseudonym(actor.user) if actor else None,
        credential_id=actor.credential if actor else None,
        surface=actor.surface if actor else "",
        object_kind=event.object_kind,
        object_id=named,
        details=_details(event.details),
    )


def _details(details: Mapping[str, str | int | bool]) -> dict[str, str | int | bool | None]:
    kept: dict[str, str | int | bool | None] = dict(details)
    if PERSON in kept:
        named = _of_person(UUID(str(kept[PERSON])))
        kept[PERSON] = str(named) if named else None
    return kept


def _of_person(user: UUID) -> UUID | None:
    """None for a person who was erased already."""
    try:
        return pseudonym(user)
    except KeyDestroyed:
        return None
