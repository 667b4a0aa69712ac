"""An embedded Valkey in one folder, on the loopback address only. It carries job ids and notices, never content."""

import signal
import socket
import subprocess
from pathlib import Path

from workspace.local.binaries import valkey_server
from workspace.local.credentials import kept_secret
from workspace.local.launches import Launch, start
from workspace.local.ports import free_port

START_SECONDS = 20.0


class Valkey:
    """A server whose data is `folder`. Give `port` to have the same one every time; 0 takes a free one.

    Without `password` the folder keeps one in a file of its own.
    """

    def __init__(self, folder: Path, *, password: str | None = None, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.log = self.folder / "valkey.log"
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._secret()}@127.0.0.1:{self.port}/0"

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The server that `start` started."""
        return self._process

    def launch(self) -> Launch:
        """Write its settings and say how to start it.

        Raises:
            MissingWheel: the wheel is not installed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.port = self.port or free_port()
        settings = self.folder / "valkey.conf"
        settings.touch(mode=0o600)
        # A file and not arguments: the password would be visible in the list of processes.
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nprotected-mode yes\nrequirepass {self._secret()}\n"
            f'dir "{self.folder}"\nappendonly yes\nappendfsync everysec\nsave ""\n'
        )
        return Launch(
            arguments=(str(valkey_server()), str(settings)),
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            folder=self.folder,
            orphan_signal=signal.SIGTERM,
        )

    def is_ready(self) -> bool:
        """Whether it knows the password and has loaded its data."""
        command = f"AUTH {self._secret()}\r\nPING\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(command)
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def start(self) -> None:
        """Start the server as a child of this process and wait until it answers.

        Raises:
            StartFailed: it ended or did not answer in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)  # for the log
        self._process = start(self, self.log, "Valkey", START_SECONDS)

    def stop(self) -> None:
        """End the server that `start` started; what it holds is on disk first."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _secret(self) -> str:
        if self._password is None:
            self._password = kept_secret(self.folder / "password")
        return self._password
