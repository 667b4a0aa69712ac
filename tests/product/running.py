"""A whole product of its own: `manage.py up` with a home, ports and an environment that nobody shares."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 90
# What the test bed of this process put into the environment belongs to its servers, not to this product's.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ATRIUM_", "ENGINE_", "GGUF", "DJANGO_", "PYTEST_")

MEMBERS = """
from django.core.management import call_command
for email in {!r}:
    call_command("create_user", email=email, name="Member")
    call_command("create_key", email=email, name="test")
"""


class NotStarted(RuntimeError):
    """`up` did not say that it is ready. The message ends with what it printed."""


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


@dataclass
class Product:
    """A running product in `home`. `settings` is added to its environment; `python` starts it and its parts."""

    home: Path
    settings: dict[str, str]
    url: str = ""
    python: str = sys.executable
    _up: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    def environment(self) -> dict[str, str]:
        return clean_environment() | {"ATRIUM_HOME": str(self.home), "ATRIUM_PORT": "0"} | self.settings

    def start(self) -> float:
        """Starts it and waits until it answers. Returns the seconds that took.

        Raises:
            NotStarted: it ended, or was not ready in time.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        command = [self.python, "manage.py", "up"]
        with (self.home / "up.log").open("w", encoding="utf-8") as output:
            self._up = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=output, stderr=subprocess.STDOUT, text=True
            )
        while time.monotonic() - began < START_SECONDS:
            said = (self.home / "up.log").read_text(encoding="utf-8")
            ready = [line for line in said.splitlines() if line.startswith("ready ")]
            if ready:
                self.url = ready[0].split()[1]
                return time.monotonic() - began
            if self._up.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise NotStarted((self.home / "up.log").read_text(encoding="utf-8")[-3000:])

    def stop(self) -> None:
        """Ends it as Ctrl-C does."""
        if self._up is not None and self._up.poll() is None:
            self._up.send_signal(signal.SIGINT)
            self._up.wait(timeout=60)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Started, and stopped at the end."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @property
    def supervisor(self) -> int:
        """The process id of `up` itself."""
        assert self._up is not None
        return self._up.pid

    def manage(self, *arguments: str, given: str = "") -> str:
        """Runs a command beside it, as a person in another terminal would. Returns what it printed.

        Raises:
            AssertionError: it failed.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout.strip()

    def status(self) -> dict[str, Any]:
        """What `status --json` says."""
        said: dict[str, Any] = json.loads(self.manage("status", "--json"))
        return said

    def owner_url(self) -> str:
        """The one-time link; `up` shows it a moment after it is ready."""
        for _ in range(200):
            if link := self.status()["owner_url"]:
                return str(link)
            time.sleep(0.05)
        raise AssertionError("no owner link was shown")

    def pid(self, name: str) -> int:
        """The process id of a part; waits until it runs."""
        for _ in range(600):
            part = next(process for process in self.status()["processes"] if process["name"] == name)
            if part["state"] == "running":
                return int(part["pid"])
            time.sleep(0.05)
        raise AssertionError(f"{name} does not run")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Sends a part a signal, by its process id. Returns that id."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def owner_token(self, email: str = "owner@example.org", workspace: str = "Court") -> str:
        """Makes an owner with a workspace, and returns an access token of theirs."""
        self.manage("create_owner", "--email", email, "--workspace", workspace, given="a long enough pass phrase\n")
        return self.manage("create_key", "--email", email, "--name", "test")

    def members(self, emails: list[str], password: str) -> list[str]:
        """Makes a member with each of these addresses, all in one process. Returns a token of each."""
        said = self.manage("shell", "-v", "0", "-c", MEMBERS.format(emails), given=f"{password}\n" * len(emails))
        return said.splitlines()[-len(emails) :]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that is gone at the end, passable for the user that PostgreSQL runs as where the tests run as root;
    pytest's own are not.
    """
    with tempfile.TemporaryDirectory(prefix="atrium-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextmanager
def running_product(settings: dict[str, str]) -> Iterator[Product]:
    """A started product in a home of its own, gone at the end."""
    with open_folder() as folder, Product(folder / "home", settings).running() as product:
        yield product
