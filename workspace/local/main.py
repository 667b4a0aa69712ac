"""The commands of one machine: up, down, status, reload, doctor. They need no Django and no database."""

import argparse
import asyncio
import contextlib
import errno
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from typing import Any

import psutil

from workspace.common import environment
from workspace.local.errors import LocalError
from workspace.local.homes import ENVIRONMENT, PORT, RELOADED, STATUS, Home
from workspace.local.leftovers import end_leftovers
from workspace.local.neighbours import hint
from workspace.local.plans import machine
from workspace.local.ports import is_taken, listen
from workspace.local.product import Product
from workspace.local.screen import Screen
from workspace.local.supervisor import RELOAD_SIGNAL, Supervisor
from workspace.local.tidings import reason_in, tell

_DOWN_SECONDS = 90.0
_RELOAD_SECONDS = 600.0
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (names of addresses, nothing is bound here)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0 when it did what it says, 1 when not."""
    parser = argparse.ArgumentParser(prog="manage.py", description="Atrium on one machine")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything, in the foreground")
    commands.add_parser("down", help="end a running one")
    commands.add_parser("reload", help="replace web and turns one after another")
    for name, text in (("status", "what runs"), ("doctor", "what is wrong, and what to do about it")):
        commands.add_parser(name, help=text).add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    logging.getLogger().addHandler(logging.NullHandler())  # people are told through the screen
    home = Home.chosen()
    screen = Screen()
    try:
        return _carried_out(chosen, home, screen)
    except (LocalError, environment.EnvironmentValueError) as error:
        screen.failed(str(error))
        return 1
    except OSError as error:
        if error.errno not in _DISK:
            raise
        screen.failed(f"{home.root} cannot be written: {error.strerror}. Make room, or choose another ATRIUM_HOME.")
        return 1


def _carried_out(chosen: argparse.Namespace, home: Home, screen: Screen) -> int:
    match chosen.command:
        case "up":
            return up(home, screen)
        case "down":
            return down(home, screen)
        case "reload":
            return reload(home, screen)
        case "status":
            return status(home, screen, as_json=chosen.json)
        case _:
            from workspace.local import doctor  # noqa: PLC0415 - its clients would make every start slower

            return doctor.report(home, screen, as_json=chosen.json)


def up(home: Home, screen: Screen) -> int:
    """Everything, until a signal comes."""
    home.make()
    lock = home.lock()
    try:
        screen.heading("Atrium")
        if ended := end_leftovers(home):
            screen.note(f"ended {ended} processes that a killed run had left behind")
        host = environment.text("ATRIUM_HOST", "127.0.0.1")
        wanted = environment.number("ATRIUM_PORT", 8_000)
        with listen_as_before(home, host, wanted) as listener:
            port: int = listener.getsockname()[1]
            if wanted not in {0, port}:
                screen.note(f"port {wanted} is taken by another program: this one listens on {port}")
            supervisor = Supervisor(machine(home, listener), home, (_ANY_ADDRESS.get(host, host), port), screen)
            return asyncio.run(supervisor.run())
    finally:
        os.close(lock)


def down(home: Home, screen: Screen) -> int:
    """Ask the running one to end, and wait until it has."""
    pid = home.supervisor()
    if pid is None:
        screen.note(f"Nothing runs in {home.root}.{hint()}")
        return 0
    began = time.monotonic()
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        # A zombie counts as ended: its lock is gone, and who started it may be slow to reap.
        while home.supervisor() == pid:
            if time.monotonic() - began > _DOWN_SECONDS:
                screen.failed(f"Process {pid} does not end. See {home.logs}; the last resort is `kill -9 {pid}`.")
                return 1
            time.sleep(0.05)
    screen.done("down", began)
    return 0


def reload(home: Home, screen: Screen) -> int:
    """Have web and turns replaced, one after another, and wait until it is done."""
    pid = home.supervisor()
    if pid is None:
        screen.failed(f"Nothing runs in {home.root}: start it with `make up`.{hint()}")
        return 1
    began = time.monotonic()
    (home.run / RELOADED).unlink(missing_ok=True)
    os.kill(pid, RELOAD_SIGNAL)
    while (result := home.read(RELOADED)) is None:
        if home.supervisor() != pid or time.monotonic() - began > _RELOAD_SECONDS:
            screen.failed("It ended before all was replaced.")
            return 1
        time.sleep(0.05)
    if result["error"] is not None:
        screen.failed(result["error"])
        return 1
    screen.done("reload", began)
    return 0


def status(home: Home, screen: Screen, *, as_json: bool) -> int:
    """What runs; exit status 1 when nothing does."""
    is_running = home.supervisor() is not None
    found: dict[str, Any] = (home.read(STATUS) if is_running else None) or {
        "url": None,
        "owner_url": None,
        "home": str(home.root),
        "processes": [],
    }
    product = _product(home) if is_running else None
    if product is not None and found["owner_url"] and product.has_owner():
        found["owner_url"] = None  # the link is spent
    if as_json:
        json.dump(found, sys.stdout)
        sys.stdout.write("\n")
    elif not is_running:
        screen.note(f"Nothing runs in {home.root}: start it with `make up`.{hint()}")
    else:
        _show(found, product, home, screen)
    return 0 if is_running else 1


def _show(found: dict[str, Any], product: Product | None, home: Home, screen: Screen) -> None:
    screen.heading(f"{found['url'] or 'starting'}   {found['home']}")
    reasons = []
    for process in found["processes"]:
        screen.process(process)
        if process["state"] != "running" and (reason := reason_in(home.log(process["name"]))):
            reasons.append(f"{process['name']}: {reason}")
    for reason in reasons:
        screen.failed(reason)
    tell(product.engines() if product is not None and not reasons else [], screen)
    if found["owner_url"]:
        screen.fact("owner", found["owner_url"])


def _product(home: Home) -> Product | None:
    """The database of the running one; None before that is known."""
    shared: dict[str, str] = (home.read(ENVIRONMENT) or {}).get("shared", {})
    url = environment.text("DATABASE_URL", shared.get("DATABASE_URL", ""))
    secret_key = environment.text("SECRET_KEY", shared.get("SECRET_KEY", ""))
    return Product(url, secret_key) if url and secret_key else None


def listen_as_before(home: Home, host: str, wanted: int) -> socket.socket:
    """Listen at the port of last time, when the same one was wanted then: addresses that people kept go on working.

    Raises:
        PortsTaken: neither that port nor one from the wanted one on is free.
    """
    last = home.read(PORT)
    is_free = last and last["wanted"] == wanted and not is_taken(host, last["taken"])
    listener = listen(host, last["taken"] if is_free else wanted)
    home.write(PORT, {"wanted": wanted, "taken": listener.getsockname()[1]})
    return listener
