"""How a command of the product, given in another terminal, finds the workspace that runs on this machine."""

from workspace.common import environment
from workspace.local.homes import ENVIRONMENT, Home


def attach(command: str) -> None:
    """Take over what the running `up` gave to its own processes, as far as nobody has given something else.

    `migrate` becomes the schema's owner; `run` is for other supervisors, who give everything themselves.
    """
    if command == "run":
        return
    home = Home.chosen()
    if home.supervisor() is None:
        return
    found = home.read(ENVIRONMENT) or {}
    values = found.get("shared", {}) | (found.get("migrating", {}) if command == "migrate" else {})
    for name, value in values.items():
        if not environment.is_given(name):
            environment.decide(name, value)
