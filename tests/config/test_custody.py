"""A process with another ATRIUM_KEY than the database's does not start, and is not ready."""

import base64
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import AsyncClient

from tests import bed
from workspace.config import custody

ANOTHER = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def manage(*words: str, **given: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=bed.ROOT, env=os.environ | given, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_database_that_nobody_migrated_yet_is_anybodys() -> None:
    assert custody.is_ours(None)
    assert custody.is_ours((None,))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["web", "turns", "worker"])
def test_no_process_starts_with_another_key(database_url: str, name: str) -> None:
    done = manage("run", name, DATABASE_URL=database_url, ATRIUM_KEY=ANOTHER)

    assert done.returncode == os.EX_CONFIG
    assert "another ATRIUM_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert ANOTHER not in done.stderr


@pytest.mark.slow
def test_migrate_refuses_another_key_and_leaves_the_schema_as_it_is(database_url: str) -> None:
    name = database_url.rpartition("/")[2]
    refused = manage("migrate", DATABASE_URL=bed.url_of(name), ATRIUM_ROLE="owner", ATRIUM_KEY=ANOTHER)

    assert refused.returncode == 1
    assert "another ATRIUM_KEY" in refused.stderr
    assert not custody.is_known_to_be_another()


@pytest.mark.django_db(transaction=True)
async def test_a_web_process_with_another_key_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ATRIUM_KEY", ANOTHER)

    answer = await AsyncClient().get("/health/ready")

    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "another ATRIUM_KEY")
