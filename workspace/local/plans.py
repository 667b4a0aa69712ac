"""What runs on this machine: which parts, in which order, with which environment."""

import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workspace.common import environment
from workspace.local.binaries import WHEELS
from workspace.local.children import Role
from workspace.local.credentials import kept_secret
from workspace.local.engine import engine_wanted
from workspace.local.errors import LocalError
from workspace.local.homes import CHECKOUT, Home
from workspace.local.launches import Launch
from workspace.local.ports import free_port, http_status
from workspace.local.postgres import DATABASE, Postgres
from workspace.local.product import Product
from workspace.local.schema import Schema
from workspace.local.valkey import Valkey

# How the names of the product's settings begin (docs/settings.md).
_OURS = ("ATRIUM_", "DATABASE_URL", "EMAIL_URL", "ENGINE_", "GGUF", "REDIS_URL", "SECRET_KEY", "STORAGE_URL")


@dataclass(frozen=True)
class Program:
    """A program of the product: `manage.py` with these words. `health` is the path that answers 200 when it serves;
    without one it says so itself, through ATRIUM_READY_FD.
    """

    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path = CHECKOUT
    port: int = 0
    descriptors: tuple[int, ...] = ()
    health: str = ""
    stop_signal: signal.Signals = signal.SIGTERM

    def launch(self) -> Launch:
        arguments = (sys.executable, str(CHECKOUT / "manage.py"), *self.words)
        return Launch(
            arguments, self.environment, self.folder, stop_signal=self.stop_signal, descriptors=self.descriptors
        )

    def is_ready(self) -> bool | None:
        return http_status(("127.0.0.1", self.port), self.health, "localhost") == 200 if self.health else None


@dataclass(frozen=True)
class Plan:
    """`servers` come first, then `migration` runs once unless `schema` is current, then `programs`; they end by rank.

    `shared` is what any command of the product needs to reach this one, `migrating` what the schema's owner needs.
    """

    url: str
    servers: tuple[Role, ...]
    programs: tuple[Role, ...]
    migration: Program | None = None
    schema: Schema | None = None
    owner_link: Program | None = None
    product: Product | None = None
    shared: Mapping[str, str] = field(default_factory=dict)
    migrating: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kind:
    """A kind of program and how many of it. Ranks: programs 0 to 3, Valkey 4, PostgreSQL 5."""

    name: str
    count: int
    patience: float
    is_replaceable: bool = False
    is_vital: bool = True

    def names(self) -> list[str]:
        return [self.name if number == 1 else f"{self.name}-{number}" for number in range(1, self.count + 1)]


def machine(home: Home, listener: socket.socket) -> Plan:
    """The plan that the environment asks for; every `*_URL` that is given replaces a part.

    Raises:
        LocalError: a setting cannot be used, or a package is missing.
    """
    url = environment.text("ATRIUM_URL", f"http://localhost:{listener.getsockname()[1]}")
    shared = _given() | {"ATRIUM_HOME": str(home.root), "ATRIUM_URL": url}
    for name in ("SECRET_KEY", "ATRIUM_KEY"):
        if not environment.is_given(name):
            shared[name] = kept_secret(home.secrets / name.lower())
    servers, migrating = _servers(home, shared)
    kinds = _kinds()
    engine_ports = [free_port() for _ in range(kinds["engine"].count)]
    if engine_ports:
        shared["ENGINE_URL"] = ",".join(f"http://127.0.0.1:{port}" for port in engine_ports)
        shared["ENGINE_KEY"] = environment.text("ENGINE_KEY") or kept_secret(home.secrets / "engine_key")
    inherited = {name: value for name, value in environment.inherited().items() if name != "ATRIUM_ROLE"}
    base = inherited | {"PYTHONUNBUFFERED": "1"} | shared
    owns = {"web": [_web(listener)] * kinds["web"].count, "engine": [_engine(port) for port in engine_ports]}
    programs = [
        Role(name, _program(kind, base, own), rank, kind.patience, kind.is_replaceable, kind.is_vital)
        for rank, kind in enumerate(kinds.values())
        for name, own in zip(kind.names(), owns.get(kind.name, [_Own()] * kind.count), strict=True)
    ]
    return Plan(
        url=url,
        servers=servers,
        programs=tuple(programs),
        migration=Program(("migrate", "--no-input"), base | migrating),
        schema=_schema(shared),
        owner_link=Program(("owner_link",), base),
        product=_product(shared),
        shared=shared,
        migrating=migrating,
    )


def _given() -> dict[str, str]:
    """The product's settings in this process's environment; the role is each process's own."""
    inherited = environment.inherited()
    given = {name: value for name, value in inherited.items() if name.startswith(_OURS) and name != "ATRIUM_ROLE"}
    if given.get("GGUF"):  # the processes work in the checkout, wherever this one was started
        given["GGUF"] = str(Path(given["GGUF"]).expanduser().absolute())
    return given


@dataclass(frozen=True)
class _Own:
    """What only one kind of program is given."""

    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    descriptors: tuple[int, ...] = ()
    health: str = ""
    stop_signal: signal.Signals = signal.SIGTERM


def _web(listener: socket.socket) -> _Own:
    handle = listener.fileno()
    # SIGTERM would have it wait for the requests of those who know it, which nobody else is going to answer.
    own = {"ATRIUM_SOCKET_FD": str(handle)}
    return _Own(own, listener.getsockname()[1], (handle,), stop_signal=signal.SIGINT)


def _engine(port: int) -> _Own:
    return _Own({"ATRIUM_ENGINE_PORT": str(port)}, port, health="/health")


def _program(kind: _Kind, base: dict[str, str], own: _Own) -> Program:
    return Program(
        ("run", kind.name),
        base | own.environment,
        port=own.port,
        descriptors=own.descriptors,
        health=own.health,
        stop_signal=own.stop_signal,
    )


def _schema(shared: Mapping[str, str]) -> Schema:
    """Addresses and secrets may come from the environment, a file that it names, or this home."""
    return Schema(
        url=environment.text("DATABASE_URL", shared.get("DATABASE_URL", "")),
        secret_key=environment.text("SECRET_KEY", shared.get("SECRET_KEY", "")),
        atrium_key=environment.text("ATRIUM_KEY", shared.get("ATRIUM_KEY", "")),
    )


def _product(shared: Mapping[str, str]) -> Product:
    schema = _schema(shared)
    return Product(schema.url, schema.secret_key)


def _kinds() -> dict[str, _Kind]:
    engines = environment.number("ATRIUM_ENGINES", 1) if engine_wanted() else 0
    return {
        "web": _Kind("web", environment.number("ATRIUM_WEB", 1), 15.0, is_replaceable=True),
        "turns": _Kind("turns", environment.number("ATRIUM_TURNS", 1), 10.0, is_replaceable=True),
        "worker": _Kind("worker", 1, 10.0),
        "engine": _Kind("engine", engines, 5.0, is_vital=False),
    }


def _servers(home: Home, shared: dict[str, str]) -> tuple[tuple[Role, ...], dict[str, str]]:
    """The embedded servers that are wanted, their addresses added to `shared`; and what a migration needs beside."""
    servers: list[Role] = []
    migrating = {"ATRIUM_ROLE": "owner"}
    if not environment.is_given("REDIS_URL"):
        password = kept_secret(home.secrets / "valkey_password")
        valkey = Valkey(home.root / "valkey", password=password, port=free_port())
        servers.append(Role("valkey", valkey, rank=4))
        shared["REDIS_URL"] = valkey.url
    if not environment.is_given("DATABASE_URL"):
        wheel = WHEELS.get(environment.text("ATRIUM_POSTGRES", "embedded"))
        if wheel is None:
            raise LocalError(f"ATRIUM_POSTGRES takes one of {', '.join(WHEELS)}.")
        password = kept_secret(home.secrets / "postgres_password")
        postgres = Postgres(home.root / "postgres", password=password, port=free_port(), wheel=wheel)
        servers.append(Role("postgres", postgres, rank=5, patience=30.0))
        # No user in it: every process connects as its own role, whose password comes from SECRET_KEY.
        shared["DATABASE_URL"] = f"postgresql://127.0.0.1:{postgres.port}/{DATABASE}"
        migrating["DATABASE_URL"] = postgres.url
    return tuple(servers), migrating
