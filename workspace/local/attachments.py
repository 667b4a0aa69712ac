"""How a command of the product, given in another terminal, finds the workspace that runs on this machine."""

from collections.abc import Mapping

from workspace.common import environment
from workspace.local.errors import LocalError, NothingRuns
from workspace.local.homes import ENVIRONMENT, Home

# What needs no product, and the settings that Django reads all the same before it says anything.
_ALONE = {"help", "--help", "-h", "version", "--version"}
_NEEDED = {"DATABASE_URL": "postgresql://127.0.0.1/none", "SECRET_KEY": "none", "ATRIUM_KEY": "none"}


def attach(command: str) -> None:
    """Take over what the running `up` gave to its own processes, as far as nobody has given something else.

    `migrate` becomes the schema's owner; `run` is for other supervisors, who give everything themselves.

    Raises:
        NothingRuns: nothing runs here, and the environment does not say where the product is.
        LocalError: the home cannot be used.
    """
    if command == "run":
        return
    if command in _ALONE:
        _take_over(_NEEDED)
        return
    is_told = all(map(environment.is_given, _NEEDED))
    home = Home.chosen()
    try:
        running = home.supervisor()
    except LocalError:
        if is_told:
            return
        raise
    if running is None:
        if not is_told:
            from workspace.local.neighbours import hint  # noqa: PLC0415 - a production image lacks what it needs

            here = f"Nothing runs in {home.root}: start it with `make up`, and leave it running."
            raise NothingRuns(f"{here}{hint()} (Or set {', '.join(_NEEDED)}.)")
        return
    found = home.read(ENVIRONMENT) or {}
    values = found.get("shared", {}) | (found.get("migrating", {}) if command == "migrate" else {})
    _take_over(values)


def _take_over(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if not environment.is_given(name):
            environment.decide(name, value)
