"""Who runs a job: a claim with a lease that a heartbeat keeps alive. Asked as atrium_sweep, over all workspaces.

States: waiting -> running -> done, or back to waiting after a failure that may pass, or failed. A claim that was lost
(its process was stopped for longer than the lease) can neither finish nor fail the job any more.
"""

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, connections
from django.db.models import Q
from django.db.models.functions import Now

from workspace.common import jobs, problems
from workspace.common.jobs import Given
from workspace.common.models import Job

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=30)
HEARTBEAT: Final = 8.0  # seconds
MAX_ATTEMPTS: Final = 5
# A message that was sent is given this long to be taken up before it is sent again.
RESEND_AFTER: Final = timedelta(seconds=10)
KEPT: Final = timedelta(days=7)
BATCH: Final = 200

_CLAIM: Final = """
update common_job set state = 'running', attempts = attempts + 1, claim = %(claim)s,
    lease_until = now() + make_interval(secs => %(lease)s)
where id = %(id)s and state = 'waiting' and due_at <= now() and attempts < %(most)s
returning workspace_id, subject_id, name, attempts
"""
# What is due and was not taken up, and what is running under a lease that ended. A job that ends its process
# does not fail by itself: after as many attempts as any other it is given up here.
_RESEND: Final = """
update common_job set claim = null,
    state = case when attempts < %(most)s then 'waiting' else 'failed' end,
    error_code = case when attempts < %(most)s then error_code else 'gave_up' end,
    finished_at = case when attempts < %(most)s then null else now() end,
    lease_until = case when attempts < %(most)s then now() + make_interval(secs => %(pause)s) end
where id in (
    select id from common_job
    where state in ('waiting', 'running') and due_at <= now() - interval '1 second'
    and (lease_until is null or lease_until < now())
    order by due_at limit %(batch)s for update skip locked)
returning id, name, state
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process runs."""

    job: UUID
    claim: UUID
    name: str
    given: Given

    def ours(self) -> Any:
        """The row, as long as the claim holds."""
        return Job.objects.using("sweep").filter(id=self.job, claim=self.claim)


def claim(job: UUID) -> Claim | None:
    """Claims a job; None when it is done, not yet due or somebody else's: a message that came twice changes nothing."""
    name = uuid.uuid4()
    with connections["sweep"].cursor() as cursor:
        cursor.execute(_CLAIM, {"claim": name, "lease": LEASE.total_seconds(), "id": job, "most": MAX_ATTEMPTS})
        row = cursor.fetchone()
    return Claim(job, name, row[2], Given(row[0], row[1], row[3])) if row else None


@contextmanager
def kept_alive(claimed: Claim) -> Iterator[None]:
    """Renews the lease from a thread, for as long as the job runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT):
            try:
                claimed.ours().update(lease_until=Now() + LEASE)
            except OperationalError:
                logger.warning("heartbeat failed", extra={"job": str(claimed.job)})
            finally:
                connections["sweep"].close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run(job: UUID) -> None:
    """Claims and runs a job, and writes down how it went. Never raises what the handler raised."""
    claimed = claim(job)
    if claimed is None:
        return
    with kept_alive(claimed):
        try:
            jobs.handler_of(claimed.name)(claimed.given)
        except Exception as error:  # noqa: BLE001 - the edge of a job
            _failed(claimed, error)
        else:
            claimed.ours().update(state=Job.State.DONE, finished_at=Now(), lease_until=None, error_code="")


def _failed(claimed: Claim, error: Exception) -> None:
    told = problems.as_error(error)
    logger.error("job failed", extra={"job": str(claimed.job), "name_of_job": claimed.name} | problems.traced(error))
    attempt = claimed.given.attempt
    # An error that was foreseen says itself whether trying again may help; what nobody foresaw may pass.
    if attempt >= MAX_ATTEMPTS or (told.code != "internal" and not told.retryable):
        claimed.ours().update(state=Job.State.FAILED, finished_at=Now(), lease_until=None, error_code=told.code)
    else:
        due = Now() + timedelta(seconds=5 * 4 ** (attempt - 1))
        claimed.ours().update(state=Job.State.WAITING, due_at=due, claim=None, lease_until=None, error_code=told.code)


def resend() -> int:
    """Publishes what is due and was not taken up, and what a dead process left running. Returns how many.

    A job whose last attempt was left running has failed (`gave_up`).
    """
    with connections["sweep"].cursor() as cursor:
        cursor.execute(_RESEND, {"pause": RESEND_AFTER.total_seconds(), "batch": BATCH, "most": MAX_ATTEMPTS})
        found = cursor.fetchall()
    due = [job for job, _, state in found if state == Job.State.WAITING]
    for job, name, state in found:
        if state == Job.State.FAILED:
            logger.error("job given up", extra={"job": str(job), "name_of_job": name})
    for job in due:
        jobs.publish(job)
    return len(due)


def forget() -> int:
    """Deletes jobs that ended seven days ago. Returns how many."""
    ended = Q(state__in=[Job.State.DONE, Job.State.FAILED], finished_at__lt=Now() - KEPT)
    return Job.objects.using("sweep").filter(ended).delete()[0]
