"""Celery carries job ids from whoever wrote the row to a worker. Nothing is lost with it: the clock sends ids again."""

import ssl
import threading
import warnings
from typing import Any, Final
from uuid import UUID

from celery import Celery
from celery.exceptions import SecurityWarning
from django.conf import settings
from django.db import connections
from kombu.exceptions import OperationalError

from workspace.common import sweeps
from workspace.common.jobs import PublishFailed
from workspace.common.readiness import say_ready
from workspace.common.tasks import RUN_JOB

# Jobs wait for the database and for engines, hardly ever for the processor: threads cost less memory than processes.
THREADS: Final = 4
RESEND_EVERY: Final = 2.0  # seconds

app = Celery("atrium", broker=settings.REDIS_URL, include=["workspace.common.tasks"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_timeout=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever: the clock goes on meanwhile
    # Else it would take any certificate. The authorities are OpenSSL's own: SSL_CERT_FILE names others.
    broker_use_ssl={"ssl_cert_reqs": ssl.CERT_REQUIRED} if settings.REDIS_URL.startswith("rediss:") else None,
    broker_transport_options={
        "visibility_timeout": 60,
        # How often lost messages come back is the product of the two; with the defaults it is 100 s.
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 10,
        "max_retries": 0,
    },
)


def publish(job: UUID) -> None:
    """Sends a job's id.

    Raises:
        PublishFailed: the broker did not take it.
    """
    try:
        app.send_task(RUN_JOB, [str(job)])
    except (OperationalError, OSError) as error:
        raise PublishFailed from error


class Clock(threading.Thread):
    """Sends again what is due, and sweeps. It needs no broker, so that both go on while that is away."""

    def __init__(self) -> None:
        super().__init__(name="clock", daemon=True)
        self._ended = threading.Event()

    def run(self) -> None:
        """Until the process ends. Sweeps come every SWEEP_EVERY seconds, counted in steps of RESEND_EVERY."""
        steps = max(1, round(settings.SWEEP_EVERY / RESEND_EVERY))
        count = 0
        while not self._ended.wait(RESEND_EVERY):
            count += 1
            sweeps.sweep_all(*([] if count % steps == 0 else ["jobs.resend"]))
            connections.close_all()

    def end(self) -> None:
        """Lets the sweep that runs now finish."""
        self._ended.set()
        self.join()


class Worker(app.Worker):  # type: ignore[misc, name-defined]  # a class that Celery makes for this application
    """Celery's worker, which says when it serves."""

    def on_consumer_ready(self, consumer: Any) -> None:
        super().on_consumer_ready(consumer)
        say_ready()


def work() -> None:
    """The worker process: jobs on a few threads, and the clock."""
    # Only ids in JSON are taken, so running as root gives a sender of messages nothing.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    clock = Clock()
    clock.start()
    worker = Worker(
        quiet=True,
        pool="threads",
        concurrency=THREADS,
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        optimization="fair",
    )
    worker.start()
    clock.end()
