"""Small programs in the place of the product's own, and a supervisor over them: `python -m tests.local.stand_in ...`.

`up` supervises real servers and stand-ins in ATRIUM_HOME. What the stand-ins do besides living is said by files in the
folder STAND_IN: `crash-NAME` ends NAME at once, `slow-NAME` keeps it from ending by itself.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from workspace.local.children import Role
from workspace.local.homes import CHECKOUT, Home
from workspace.local.launches import Launch
from workspace.local.leftovers import end_leftovers
from workspace.local.main import listen_as_before
from workspace.local.plans import Plan
from workspace.local.ports import free_port
from workspace.local.postgres import Postgres
from workspace.local.screen import Screen
from workspace.local.supervisor import Supervisor
from workspace.local.valkey import Valkey


@dataclass(frozen=True)
class StandIn:
    name: str
    environment: Mapping[str, str]
    port: int = 0
    descriptors: tuple[int, ...] = ()

    def launch(self) -> Launch:
        arguments = (sys.executable, "-m", "tests.local.stand_in", self.name)
        return Launch(arguments, self.environment, CHECKOUT, descriptors=self.descriptors)

    def is_ready(self) -> None:
        """Says so itself."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())


def ready() -> None:
    os.write(int(os.environ["ATRIUM_READY_FD"]), b"1")


def web() -> None:
    server = HTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=int(os.environ["ATRIUM_SOCKET_FD"]))
    server.timeout = 0.1
    asked_to_end: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked_to_end.append(number))
    ready()
    while not asked_to_end:  # a request that was taken is answered first
        server.handle_request()


def worker() -> None:
    """Has a child of its own, whose number it leaves where the test looks."""
    child = subprocess.Popen(["sleep", "600"])
    Path(os.environ["STAND_IN"], "grandchild").write_text(str(child.pid))
    ready()
    signal.pause()


def live(name: str) -> None:
    files = Path(os.environ["STAND_IN"])
    if (files / f"crash-{name}").exists():
        sys.exit(f"{name} crashes as told")
    if (files / f"slow-{name}").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    programs = {"web": web, "worker": worker}
    if name in programs:
        programs[name]()
    ready()
    while True:
        signal.pause()


def up() -> int:
    home = Home.chosen()
    home.make()
    lock = home.lock()
    end_leftovers(home)
    with listen_as_before(home, "127.0.0.1", int(os.environ["ATRIUM_PORT"])) as listener:
        port: int = listener.getsockname()[1]
        environment = dict(os.environ)
        web = StandIn("web", environment | {"ATRIUM_SOCKET_FD": str(listener.fileno())}, port, (listener.fileno(),))
        postgres = Postgres(home.root / "postgres", port=free_port())
        postgres_address = {"DATABASE_URL": f"postgresql://127.0.0.1:{postgres.port}/atrium"}
        plan = Plan(
            url=f"http://localhost:{port}",
            servers=(Role("valkey", Valkey(home.root / "valkey", port=free_port()), 4), Role("postgres", postgres, 5)),
            programs=(
                Role("web", web, 0, is_replaceable=True),
                Role("turns", StandIn("turns", environment), 1, patience=1.0, is_replaceable=True),
                Role("worker", StandIn("worker", environment), 2),
            ),
            shared=postgres_address,
        )
        code = asyncio.run(Supervisor(plan, home, ("127.0.0.1", port), Screen()).run())
    os.close(lock)
    return code


if __name__ == "__main__":
    if sys.argv[1] == "up":
        sys.exit(up())
    live(sys.argv[1])
