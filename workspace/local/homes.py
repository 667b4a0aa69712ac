"""The data folder of one machine's Atrium, and what lies where in it."""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workspace.common import environment
from workspace.local.errors import AlreadyRunning, ForeignHome

# Files of the run folder.
STATUS = "status.json"  # the contract's `status --json`
ENVIRONMENT = "environment.json"  # what the processes were given
RELOADED = "reloaded.json"  # how the last rolling restart ended
LOCK = "lock"  # held by the supervisor, who writes its number into it
PORT = "port.json"  # the port that was wanted and the one that was taken

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """`root` is passable for all (PostgreSQL may run as another user); every folder with secrets in it is not."""

    root: Path

    @classmethod
    def chosen(cls) -> Self:
        """ATRIUM_HOME; else `.atrium` in the checkout, or for root a folder of this checkout below /var/lib/atrium.

        Root's servers run as another user, who seldom may enter the place of a root's checkout.
        """
        if given := environment.text("ATRIUM_HOME"):
            return cls(Path(given).expanduser().resolve())
        if os.geteuid() != 0:
            return cls(CHECKOUT / ".atrium")
        mark = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
        return cls(Path("/var/lib/atrium") / f"{CHECKOUT.name}-{mark}")

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What one run leaves for others to read, and for the next one: status, lock, children, port."""
        return self.root / "run"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders that are not there.

        Raises:
            ForeignHome: it belongs to somebody else, or cannot be made.
        """
        try:
            self._make()
        except OSError as error:
            if isinstance(error, PermissionError) and self.root.exists():
                raise self._foreign() from None
            why = f"The data folder {self.root} cannot be made ({error.strerror}). Choose another ATRIUM_HOME."
            raise ForeignHome(why) from None

    def _make(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self.root.chmod(0o711)
        for folder in (self.secrets, self.logs, self.run):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    def lock(self) -> int:
        """Take the home for this process, for as long as the descriptor that comes back is open.

        Raises:
            AlreadyRunning: another process has it.
        """
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(
                f"Atrium is already running in {self.root} (process {self.supervisor()}).\n"
                "See it with `manage.py status`, end it with `manage.py down`, "
                "or choose another ATRIUM_HOME for a second one."
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        return handle

    def supervisor(self) -> int | None:
        """The process that holds the home now, None when nothing runs.

        Raises:
            ForeignHome: it belongs to somebody else.
        """
        try:
            handle = os.open(self._lock_file, os.O_RDWR)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise self._foreign() from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(handle, 32) or b"0") or None
        finally:
            os.close(handle)
        return None

    def read(self, name: str) -> Any:
        """What `write` left in the run folder, None when there is nothing."""
        try:
            return json.loads((self.run / name).read_bytes())
        except FileNotFoundError:
            return None

    def write(self, name: str, value: Any) -> None:
        """Replace a file in the run folder: readers see the old one or the new one, whole."""
        draft = self.run / f".{name}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(value, file)
        draft.replace(self.run / name)

    def _foreign(self) -> ForeignHome:
        owner = self.root.stat().st_uid
        belongs = f"The data folder {self.root} belongs to user {owner}"
        return ForeignHome(f"{belongs}: run this as that user, or choose another ATRIUM_HOME.")

    @property
    def _lock_file(self) -> Path:
        return self.run / LOCK
