"""The one Celery task: it carries a job's id."""

from uuid import UUID

from celery import shared_task
from django.db import connections

from workspace.common import leases

RUN_JOB = "common.run_job"


@shared_task(name=RUN_JOB)
def run_job(job: str) -> None:
    """Runs the job if nobody else does. Delivering it twice is harmless."""
    try:
        leases.run(UUID(job))
    finally:
        connections["sweep"].close()
