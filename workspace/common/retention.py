"""The port through which every room says how its content comes to an end. Compliance decides when, and sees to it.

Any model with content must be in the `models` of something that is registered here; a test looks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final, Protocol
from uuid import UUID

from workspace.common.contracts import KeyOwner

# What a person deleted stays, hidden, for at least so long, so that they can take it back; no setting shortens it.
# Pages offer it for 30 seconds: they arrive a little later than the deletion.
UNDO: Final = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that has an end, with the facts that decide on it. `expires_at` is fixed when the thing is made."""

    workspace: UUID
    id: UUID
    created_at: datetime
    is_temporary: bool = False
    expires_at: datetime | None = None
    deleted_at: datetime | None = None


class RetentionTarget(Protocol):
    """A kind of thing that people made (a conversation). It ends one by one, audited, with all that hangs on it.

    Everything may be called again after a kill at any point. Only `due` runs outside of a unit.
    """

    @property
    def name(self) -> str:
        """What the audit trail calls such a thing: "conversation"."""
        ...

    @property
    def models(self) -> tuple[type[Any], ...]:
        """Every model whose rows go when the thing goes."""
        ...

    @property
    def key_owner(self) -> KeyOwner | None:
        """Whose data key seals it, by the thing's own id: it is destroyed with it. None: it has no key of its own."""
        ...

    def due(self, grace: timedelta, after: UUID | None, limit: int) -> Sequence[Item]:
        """Things of all workspaces whose `expires_at` has come, or that were deleted `grace` ago or earlier, by the
        database's clock; by id, those behind `after`. Reads through the alias `sweep`, as atrium_sweep.
        """
        ...

    def locked(self, item: UUID) -> Item | None:
        """The thing as it is now, locked until the unit ends; None when it is gone."""
        ...

    def hide(self, item: UUID) -> None:
        """Takes the thing out of everybody's sight, as if its person had deleted it now."""
        ...

    def delete(self, item: UUID) -> int:
        """Deletes the thing and all that hangs on it. Returns how many rows went."""
        ...

    def is_absent(self, item: UUID) -> bool:
        """Looks into every place where it could still be, and says that nothing is left."""
        ...


@dataclass(frozen=True, slots=True)
class ShortLived:
    """Content that is kept for a fixed, short time and no policy lengthens: the answer to a retried request.

    `purge` deletes what is over, of all workspaces, by the database's clock, and returns how many rows went. It may run
    twice at once and may be killed anywhere. Nothing of it is audited.
    """

    name: str
    models: tuple[type[Any], ...]
    purge: Callable[[], int]


_targets: dict[str, RetentionTarget] = {}
_short_lived: dict[str, ShortLived] = {}


def register(target: RetentionTarget) -> None:
    """Adds a kind of thing, once a process, by the room's app config. A name that is there already is replaced."""
    _targets[target.name] = target


def register_short_lived(content: ShortLived) -> None:
    """Adds content that ends by its age alone; otherwise like `register`."""
    _short_lived[content.name] = content


def targets() -> tuple[RetentionTarget, ...]:
    """All of them, in the order in which they were registered."""
    return tuple(_targets.values())


def short_lived() -> tuple[ShortLived, ...]:
    """All of them, in the order in which they were registered."""
    return tuple(_short_lived.values())


def covered() -> frozenset[type[Any]]:
    """Every model whose content has an end."""
    models = [target.models for target in targets()] + [content.models for content in short_lived()]
    return frozenset(chain.from_iterable(models))
