"""What the clock is due to do: every room registers its part, and the worker and `manage.py sweep` run them all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from workspace.common import problems

logger = logging.getLogger(__name__)

# Does what is due now and returns how many things it did. It may run twice at once and may be killed anywhere.
Sweep = Callable[[], int]

_sweeps: dict[str, Sweep] = {}


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did; `failed` when it could not."""

    name: str
    count: int
    failed: bool = False


def register(name: str, sweep: Sweep) -> None:
    """Adds a room's sweep, once a process, by the room's app config. A name that is there already is replaced."""
    _sweeps[name] = sweep


def registered() -> tuple[str, ...]:
    """The names of all sweeps, in the order in which they run."""
    return tuple(_sweeps)


def sweep_all(*names: str) -> list[Swept]:
    """Runs every sweep, or the named ones. One that fails is written down and stops no other."""
    return [_swept(name, _sweeps[name]) for name in names or registered()]


def _swept(name: str, sweep: Sweep) -> Swept:
    try:
        return Swept(name, sweep())
    except Exception as error:  # noqa: BLE001 - the edge of a sweep
        logger.error("sweep failed", extra={"sweep": name} | problems.traced(error))  # noqa: TRY400 - without its words
        return Swept(name, 0, failed=True)
