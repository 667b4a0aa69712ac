"""The real processes: web on a socket that it inherits, and the worker."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests import bed
from tests.cast import Person
from workspace.common.models import Job
from workspace.common.work import unit
from workspace.config.processes import GRACE, LEAVING

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "sweep"])]
SECONDS = 20.0


@contextmanager
def running(name: str, database_url: str, log: Path, **given: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py run NAME`, once it has said that it is ready."""
    reader, writer = os.pipe()
    descriptors = (writer, *given.get("descriptors", ()))
    environment = (
        os.environ | {"ATRIUM_READY_FD": str(writer), "DATABASE_URL": database_url} | given.get("settings", {})
    )
    environment.pop("ATRIUM_ROLE")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run", name],
            cwd=bed.ROOT,
            env=environment,
            pass_fds=descriptors,
            stdout=output,
            stderr=output,
        )
    os.close(writer)
    try:
        assert os.read(reader, 1) == b"1", log.read_text()
        yield process
    finally:
        os.close(reader)
        process.terminate()
        assert process.wait(timeout=SECONDS) in {0, -signal.SIGTERM, -signal.SIGKILL}


def until(holds: Callable[[], bool]) -> None:
    """Waits for another process, which sets no event here."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        os.sched_yield()


def problem(answer: http.client.HTTPResponse) -> tuple[int, str]:
    return answer.status, json.loads(answer.read())["code"]


def test_web_serves_the_socket_that_it_inherits(database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        handle, port = listener.fileno(), listener.getsockname()[1]
        os.set_inheritable(handle, True)
        given = {"settings": {"ATRIUM_SOCKET_FD": str(handle)}, "descriptors": (handle,)}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with running("web", database_url, log, **given), closing(connection) as client:
            client.request("GET", "/api/me?secret=marker")
            unknown = problem(client.getresponse())
            client.request("POST", "/api/me", b"x" * 3_000_000, {"Content-Type": "application/json"})
            too_large = problem(client.getresponse())

    assert unknown == (401, "unauthenticated")
    assert too_large == (413, "too_large")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["route"] for line in lines if line["message"] == "request answered"] == ["api/me"]
    assert "marker" not in log.read_text()


@pytest.mark.parametrize(("number", "most"), [(signal.SIGINT, GRACE), (signal.SIGTERM, LEAVING + GRACE / 2)])
def test_a_page_that_listens_does_not_hold_up_the_end_of_web(
    alice: Person, database_url: str, tmp_path: Path, number: signal.Signals, most: float
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        handle, port = listener.fileno(), listener.getsockname()[1]
        os.set_inheritable(handle, True)
        given = {"settings": {"ATRIUM_SOCKET_FD": str(handle)}, "descriptors": (handle,)}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with running("web", database_url, tmp_path / "web.log", **given) as web, closing(connection) as client:
            client.request("GET", "/notices", headers=alice.headers)
            notices = client.getresponse()
            while notices.readline() != b"event: conversation\n":
                pass
            began = time.monotonic()
            web.send_signal(number)
            notices.read()
            web.wait(timeout=SECONDS)

    assert time.monotonic() - began < most


def enqueued(person: Person, count: int) -> list[uuid.UUID]:
    """Jobs that no room has: the worker takes them up and says that it cannot run them."""
    with unit(person.workspace):
        made = [Job(name="tests.unknown", subject_id=uuid.uuid4()) for _ in range(count)]
        return [job.id for job in Job.objects.bulk_create(made)]


def attempted(jobs: list[uuid.UUID]) -> bool:
    return not Job.objects.using("sweep").filter(id__in=jobs, attempts=0).exists()


def test_the_worker_takes_up_jobs_whose_message_got_lost(alice: Person, database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with running("worker", database_url, log):
        jobs = enqueued(alice, 3)
        until(lambda: attempted(jobs))

    assert "Traceback" not in log.read_text()


def test_the_worker_survives_a_broker_that_forgets_everything(alice: Person, database_url: str, tmp_path: Path) -> None:
    from django.conf import settings

    with running("worker", database_url, tmp_path / "worker.log"):
        with Redis.from_url(settings.REDIS_URL) as broker:
            broker.flushall()
            broker.client_kill_filter(_type="normal")
        jobs = enqueued(alice, 3)
        until(lambda: attempted(jobs))


def test_a_published_job_reaches_the_worker_with_its_id_alone(alice: Person, database_url: str, tmp_path: Path) -> None:
    from workspace.config.celery import app, publish

    [job] = enqueued(alice, 1)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()  # what a worker that was ended left there
        publish(job)
        message = queue.get(block=False)
        message.ack()

    arguments, named, _ = message.payload
    assert (arguments, named) == ([str(job)], {})
