"""Jobs: work to be done after the request. A row is the truth; a message only carries its id, and may get lost.

@job("accounts.mail_invitation")
def mail_invitation(given: Given) -> None:
    with unit(given.workspace): ...

enqueue("accounts.mail_invitation", invitation.id)      # inside a unit; the job exists if the unit commits
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from workspace.common.models import Job

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """What a handler gets: whose job, about what, and the how-manieth attempt this is (from 1)."""

    workspace: UUID
    subject: UUID
    attempt: int


# Runs outside of any unit and opens its own, so that no transaction stays open while it waits for something. It may be
# run twice: after a kill, or beside a run whose lease ended. Raising a retryable or unforeseen error asks for another.
Handler = Callable[[Given], None]
Publisher = Callable[[UUID], None]

_handlers: dict[str, Handler] = {}
_publishers: list[Publisher] = []
# Seconds without another try after the broker did not take a message: the clock sends it again anyway.
PAUSE: Final = 5.0
_not_before = [0.0]


class PublishFailed(RuntimeError):
    """The broker did not take a message."""


def job(name: str) -> Callable[[Handler], Handler]:
    """Registers a handler under `room.verb_noun`. Its module is imported by the room's app config."""

    def registered(handler: Handler) -> Handler:
        _handlers[name] = handler
        return handler

    return registered


def handler_of(name: str) -> Handler:
    """Raises:
    KeyError: no room has such a job.
    """
    return _handlers[name]


def install(publisher: Publisher) -> None:
    """Names the one way to the broker. Called by the composition root. It raises `PublishFailed`."""
    _publishers[:] = [publisher]


def enqueue(name: str, subject: UUID, *, delay: timedelta = timedelta(0)) -> UUID:
    """Writes a job into the open unit and publishes it once that has committed. An absent broker only delays it.

    Raises:
        KeyError: no room has such a job.
    """
    handler_of(name)
    row = Job.objects.create(name=name, subject_id=subject, due_at=Now() + delay)
    if not delay:
        transaction.on_commit(lambda: publish(row.id))
    return row.id


def publish(job: UUID) -> None:
    """Sends a job's id, or leaves it to the clock, which sends what was not taken."""
    if not _publishers or monotonic() < _not_before[0]:
        return
    try:
        _publishers[0](job)
    except PublishFailed:
        _not_before[0] = monotonic() + PAUSE
        logger.warning("job not published", extra={"job": str(job)})
