import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from workspace.local.errors import LocalError
from workspace.local.homes import Home
from workspace.local.plans import Plan, machine


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in an environment without any setting."""
    for name in list(os.environ):
        if name.startswith(("ATRIUM_", "DATABASE_", "REDIS_", "SECRET_", "ENGINE_")):
            monkeypatch.delenv(name)
    home = Home(folder / "home")
    home.make()
    return home


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as it:
        yield it


def environment_of(plan: Plan, name: str) -> dict[str, str]:
    return dict(next(role for role in plan.programs if role.name == name).part.launch().environment)


def test_one_machine_is_two_servers_and_four_programs(home: Home, listener: socket.socket) -> None:
    plan = machine(home, listener)

    assert [role.name for role in plan.servers] == ["valkey", "postgres"]
    assert [role.name for role in plan.programs] == ["web", "turns", "worker", "engine"]
    assert plan.url == f"http://localhost:{listener.getsockname()[1]}"


def test_only_the_migration_gets_the_superuser(home: Home, listener: socket.socket) -> None:
    plan = machine(home, listener)

    assert plan.migration is not None
    migration = plan.migration.launch().environment
    assert urlsplit(migration["DATABASE_URL"]).username == "atrium_bootstrap"
    assert migration["ATRIUM_ROLE"] == "owner"
    for name in ("web", "turns", "worker"):
        found = environment_of(plan, name)
        assert urlsplit(found["DATABASE_URL"]).username is None
        assert "ATRIUM_ROLE" not in found
        assert urlsplit(migration["DATABASE_URL"]).password not in found.values()


def test_secrets_are_made_once_and_closed_to_others(home: Home, listener: socket.socket) -> None:
    first, second = machine(home, listener), machine(home, listener)

    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.secrets.iterdir()}
    names = ("secret_key", "atrium_key", "engine_key", "postgres_password", "valkey_password")
    assert made == dict.fromkeys(names, 0o600)
    assert environment_of(first, "web")["ATRIUM_KEY"] == environment_of(second, "web")["ATRIUM_KEY"]
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o700


@pytest.mark.parametrize("form", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_a_database_that_is_given_replaces_the_embedded_one(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    url = "postgresql://somebody:word@127.0.0.1:1/atrium"
    (home.root / "address").write_text(url)
    monkeypatch.setenv(form, str(home.root / "address") if form.endswith("_FILE") else url)

    plan = machine(home, listener)

    assert [role.name for role in plan.servers] == ["valkey"]
    assert environment_of(plan, "web")[form] == os.environ[form]
    assert ("DATABASE_URL" in environment_of(plan, "web")) == (form == "DATABASE_URL")


def test_a_broker_that_is_given_replaces_the_embedded_one(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    plan = machine(home, listener)

    assert [role.name for role in plan.servers] == ["postgres"]
    assert environment_of(plan, "worker")["REDIS_URL"] == "redis://127.0.0.1:1/0"


def test_an_engine_that_is_given_replaces_the_one_here(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_URL", "http://127.0.0.1:1")

    assert [role.name for role in machine(home, listener).programs] == ["web", "turns", "worker"]


def test_engines_of_this_machine_listen_where_the_others_look(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_ENGINES", "2")

    plan = machine(home, listener)

    ports = [environment_of(plan, name)["ATRIUM_ENGINE_PORT"] for name in ("engine", "engine-2")]
    assert environment_of(plan, "turns")["ENGINE_URL"] == ",".join(f"http://127.0.0.1:{port}" for port in ports)
    assert environment_of(plan, "turns")["ENGINE_KEY"] == environment_of(plan, "engine")["ENGINE_KEY"]


def test_more_processes_are_numbered_and_web_ones_share_the_socket(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_WEB", "2")
    monkeypatch.setenv("ATRIUM_TURNS", "3")

    plan = machine(home, listener)

    assert [role.name for role in plan.programs] == ["web", "web-2", "turns", "turns-2", "turns-3", "worker", "engine"]
    handle = listener.fileno()
    for name in ("web", "web-2"):
        role = next(role for role in plan.programs if role.name == name)
        assert role.part.launch().descriptors == (handle,)
        assert environment_of(plan, name)["ATRIUM_SOCKET_FD"] == str(handle)


def test_an_unknown_source_of_postgresql_is_refused(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_POSTGRES", "homebrew")

    with pytest.raises(LocalError, match="embedded, pixeltable"):
        machine(home, listener)


def test_what_other_commands_take_over_includes_what_was_given(
    home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_URL", "http://127.0.0.1:1")

    plan = machine(home, listener)

    assert plan.shared["ENGINE_URL"] == "http://127.0.0.1:1"
    assert {"SECRET_KEY", "ATRIUM_KEY", "DATABASE_URL", "REDIS_URL", "ATRIUM_HOME", "ATRIUM_URL"} <= set(plan.shared)
    assert "PATH" not in plan.shared
