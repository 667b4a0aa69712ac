"""The port through which a lost right ends what is still going on: sockets, streams, runs, keys."""

from collections.abc import Callable
from uuid import UUID

from workspace.common import wakeups

# Called in the transaction that takes the right away, with the id of the user, credential or workspace.
Handler = Callable[[UUID], None]

_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    """Adds what a room has to do in the same transaction. Called once a process, by the room's app config."""
    if handler not in _handlers:
        _handlers.append(handler)


def revoked(principal: UUID) -> None:
    """Says that a user, credential or workspace lost rights: handlers run now, open streams end once this commits."""
    for handler in _handlers:
        handler(principal)
    wakeups.notify(wakeups.REVOKED, [str(principal)])
