"""Wake-ups between processes by PostgreSQL's NOTIFY: ids and numbers only, delivered when the transaction commits."""

from collections.abc import Iterable, Iterator
from typing import Final

from django.db import connection

# What a channel's payload is made of; items are joined by commas.
RUNS: Final = "atrium_runs"  # "<run>:<ordinal>": the journal of a run has grown
WORK: Final = "atrium_work"  # "<run>": a run is there to be claimed
STOPS: Final = "atrium_stops"  # "<run>": a run shall stop
REVOKED: Final = "atrium_revoked"  # "<principal>": a user, credential or workspace lost its rights
CONVERSATIONS: Final = "atrium_conversations"  # "<workspace>:<user>:<conversation>": what its person sees has changed
AUDIT: Final = "atrium_audit"  # "<workspace>": there are audit rows to seal

# PostgreSQL refuses a payload of 8,000 bytes or more.
LIMIT: Final = 7_900


def payloads(items: Iterable[str]) -> Iterator[str]:
    """The items joined by commas, in as many payloads as the limit asks for."""
    batch: list[str] = []
    size = 0
    for item in items:
        if batch and size + len(item) + 1 > LIMIT:
            yield ",".join(batch)
            batch, size = [], 0
        batch.append(item)
        size += len(item) + 1
    if batch:
        yield ",".join(batch)


def notify(channel: str, items: Iterable[str]) -> None:
    """Wakes whoever listens, once the transaction of this thread has committed."""
    with connection.cursor() as cursor:
        for payload in payloads(items):
            cursor.execute("select pg_notify(%s, %s)", [channel, payload])
