import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from inference.conf import NANO
from inference.machine import Machine
from inference.remedies import CANNOT_SERVE
from tests.fakes.engines import engine_process
from tests.local.running import command
from workspace.common import roles
from workspace.local import doctor
from workspace.local.doctor import Finding, Patient
from workspace.local.homes import CHECKOUT, Home
from workspace.local.leftovers import Leftover, remember
from workspace.local.ports import free_port
from workspace.local.postgres import Postgres
from workspace.local.valkey import Valkey

KEY = "a key of the test"


@pytest.fixture
def patient(folder: Path) -> Patient:
    home = Home(folder / "home")
    home.make()
    return Patient(home, is_running=False, secret_key=KEY, database_url="", redis_url="", engine_url="")


def test_a_home_that_was_never_started_is_looked_at_without_making_it(folder: Path) -> None:
    told = command(folder, "doctor", "--json")

    found = {finding["name"]: finding for finding in json.loads(told.stdout)}
    assert set(found) == {look.__name__ for look in doctor.LOOKS} - {"home_folder"} | {"home"}
    assert [name for name, finding in found.items() if not finding["ok"]] == []
    assert told.returncode == 0
    assert not (folder / "home").exists()


def test_every_remedy_is_said_to_people(folder: Path) -> None:
    told = command(folder, "doctor", ENGINE_URL="http://127.0.0.1:1")

    assert "-> Start it, or correct ENGINE_URL" in told.stdout
    assert told.returncode == 1


def test_secrets_that_others_may_read_are_found(patient: Patient) -> None:
    secret = patient.home.secrets / "secret_key"
    secret.touch(mode=0o600)
    assert doctor.secrets(patient).is_well

    secret.chmod(0o644)

    assert str(secret) in doctor.secrets(patient).detail
    assert "chmod" in doctor.secrets(patient).remedy


@pytest.mark.usefixtures("as_root")
def test_a_home_of_somebody_else_is_found(patient: Patient) -> None:
    os.chown(patient.home.root, 65534, 65534)

    assert "another ATRIUM_HOME" in doctor.home_folder(patient).remedy


@pytest.mark.kills
def test_processes_of_a_killed_run_are_found(patient: Patient) -> None:
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    known = Leftover.of(left.pid, signal.SIGTERM)
    assert known is not None
    remember(patient.home, [known, replace(known, pid=os.getpid(), created=known.created - 500)])

    found = doctor.processes(patient)

    assert found.detail.endswith(f": {left.pid}")
    assert "make up" in found.remedy
    left.terminate()
    left.wait()
    assert doctor.processes(patient).is_well


@pytest.fixture
def cluster(folder: Path) -> "Postgres":
    return Postgres(folder / "postgres")


@pytest.mark.slow
def test_a_database_is_well_when_its_roles_are_bound_by_row_level_security(patient: Patient, cluster: Postgres) -> None:
    cluster.start()
    try:
        asked = replace(patient, database_url=f"postgresql://127.0.0.1:{cluster.port}/atrium")
        before = doctor.database(asked)
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            for statement in roles.cluster_statements("atrium", KEY, superuser=True):
                connection.execute(statement.sql.encode())
            bound = doctor.database(asked)
            connection.execute("alter role atrium_web bypassrls")
            above = doctor.database(asked)
    finally:
        cluster.stop()

    assert "manage.py migrate" in before.remedy
    assert bound.is_well
    assert "NOBYPASSRLS" in above.remedy
    assert not [word for finding in (before, bound, above) for word in (KEY, "password=") if word in str(finding)]


@pytest.mark.slow
def test_a_broker_is_asked_with_its_password(patient: Patient, folder: Path) -> None:
    server = Valkey(folder / "valkey")
    server.start()
    try:
        well = doctor.broker(replace(patient, redis_url=server.url))
        closed = doctor.broker(replace(patient, redis_url=f"redis://127.0.0.1:{server.port}/0"))
    finally:
        server.stop()
    gone = doctor.broker(replace(patient, redis_url=server.url))

    assert well.is_well
    assert "password" in closed.remedy
    assert not gone.is_well


@pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
def test_an_engine_elsewhere_is_asked_a_question(patient: Patient, kind: str) -> None:
    with engine_process("--kind", kind, "--key", KEY, "--rate", "500", "--tokens", "20") as engine:
        elsewhere = replace(patient, engine_url=engine.url, engine_key=KEY, is_engine_elsewhere=True)
        well = doctor.engine(elsewhere)
        asked = engine.log()
        both = doctor.engine(replace(elsewhere, engine_url=f"{engine.url},http://127.0.0.1:9"))
        locked = doctor.engine(replace(elsewhere, engine_key="wrong"))

    assert well.is_well
    assert kind in well.detail
    assert "first token after" in well.detail
    assert len(asked) == 1
    assert "http://127.0.0.1:9: The engine does not answer" in both.detail
    assert "ENGINE_KEY" in locked.remedy
    assert KEY not in str([well, both, locked])


@pytest.mark.slow
def test_the_engine_of_this_machine_is_asked_a_question(patient: Patient, folder: Path) -> None:
    port = free_port()
    settings = {"ATRIUM_ENGINE_PORT": str(port), "ENGINE_KEY": KEY}
    command = [sys.executable, "manage.py", "run", "engine"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | settings, stderr=subprocess.DEVNULL)
    here = replace(patient, engine_url=f"http://127.0.0.1:{port}", engine_key=KEY)
    well = doctor.engine(here)
    process.terminate()
    process.wait()
    (here.home.log("engine")).write_text(f"{CANNOT_SERVE}the disk is gone\n")
    ill = doctor.engine(here)

    assert well.is_well
    assert "test model" in well.detail
    assert ill.remedy == "the disk is gone"


def test_a_model_file_is_looked_at_before_it_is_served(patient: Patient, folder: Path) -> None:
    cut = folder / "cut.gguf"
    cut.write_bytes(NANO.read_bytes()[:1_000_000])

    assert "4,096 tokens" in doctor.model(patient).detail
    assert "Download it again" in doctor.model(replace(patient, gguf=cut)).remedy
    assert "Correct the path" in doctor.model(replace(patient, gguf=folder / "none.gguf")).remedy


def test_a_model_that_this_machine_cannot_hold_is_refused(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "here", lambda: Machine(cores=2, memory=50_000_000, free=1_000))

    assert "ENGINE_URL" in doctor.model(patient).remedy


@pytest.mark.parametrize("look", doctor.LOOKS)
def test_no_look_takes_long_when_nothing_is_there(patient: Patient, look: Callable[[Patient], Finding]) -> None:
    nowhere = replace(patient, database_url="postgresql://127.0.0.1:1/x", redis_url="redis://127.0.0.1:1/0")
    began = time.monotonic()

    look(nowhere)

    assert time.monotonic() - began < 4
