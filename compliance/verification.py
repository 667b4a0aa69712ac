"""Reads a workspace's audit chain from its beginning and says where it first breaks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from compliance.chain import COLUMNS, START, ChainedEntry, link_hash
from compliance.models import AuditEntry, AuditLink, AuditWaiting

CHUNK: Final = 1_000


class Fault(StrEnum):
    """What is wrong with the first link, or entry, that does not hold."""

    GAP = "gap"  # a number is missing
    TORN = "torn"  # the link does not follow the one before it
    ENTRY_MISSING = "entry_missing"
    MISMATCH = "mismatch"  # the entry, or the link, is not what was sealed
    UNLINKED = "unlinked"  # an entry stands outside of the chain and does not wait for a link
    LOST = "lost"  # an entry went before it was sealed


@dataclass(frozen=True, slots=True)
class Break:
    """The first fault. `sequence` is the link's number, or None for a fault outside of the chain."""

    fault: Fault
    sequence: int | None
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain says. `links` hold, up to `head`, the hash of the last of them; `waiting` entries have none yet.

    Whoever noted an earlier head elsewhere finds it at its number, or knows that the chain was rewritten.
    """

    links: int
    head: bytes
    waiting: int
    broken: Break | None


def verify() -> Verdict:
    """The verdict on the open unit's workspace. Recomputes every link."""
    # Counted first: the sealer may go on meanwhile, and what waited here is linked below.
    waiting = AuditWaiting.objects.count()
    sequence, head = 0, START
    for link, entry in _links():
        if fault := _fault(link, entry, sequence + 1, head):
            return Verdict(sequence, head, waiting, Break(fault, link.sequence, link.entry_id))
        sequence, head = link.sequence, bytes(link.hash)
    return Verdict(sequence, head, waiting, _outside())


def _links() -> Iterator[tuple[AuditLink, ChainedEntry | None]]:
    """Every link in order, with its entry if that is there."""
    last = 0
    while links := list(AuditLink.objects.filter(sequence__gt=last).order_by("sequence")[:CHUNK]):
        entries = _entries(link.entry_id for link in links)
        for link in links:
            yield link, entries.get(link.entry_id)
        last = links[-1].sequence


def _entries(ids: Iterable[UUID]) -> dict[UUID, ChainedEntry]:
    rows = AuditEntry.objects.filter(id__in=list(ids)).values_list(*COLUMNS)
    return {row[0]: ChainedEntry(*row) for row in rows}


def _fault(link: AuditLink, entry: ChainedEntry | None, sequence: int, previous: bytes) -> Fault | None:
    if link.sequence != sequence:
        return Fault.GAP
    if bytes(link.previous) != previous:
        return Fault.TORN
    if entry is None:
        return Fault.ENTRY_MISSING
    return None if link_hash(previous, sequence, entry) == bytes(link.hash) else Fault.MISMATCH


def _outside() -> Break | None:
    """The first entry that neither is in the chain nor waits, or that waits and is not there."""
    linked = AuditLink.objects.filter(entry_id=OuterRef("id"))
    waits = AuditWaiting.objects.filter(entry_id=OuterRef("id"))
    unlinked = AuditEntry.objects.filter(~Exists(linked), ~Exists(waits)).order_by("at", "id").first()
    if unlinked is not None:
        return Break(Fault.UNLINKED, None, unlinked.id)
    there = AuditEntry.objects.filter(id=OuterRef("entry_id"))
    lost = AuditWaiting.objects.filter(~Exists(there)).order_by("entry_id").first()
    return None if lost is None else Break(Fault.LOST, None, lost.entry_id)
