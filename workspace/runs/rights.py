"""Whether somebody who was let in earlier may still be here: streams and runs ask when a right was taken away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import InterfaceError, OperationalError

from workspace.accounts.permissions import still_holds, still_present
from workspace.common.contracts import Actor
from workspace.common.errors import Forbidden, Unauthenticated
from workspace.common.work import WrongTenant, work

logger = logging.getLogger(__name__)

Question = Callable[[Actor], Awaitable[bool]]


def shown(actor: Actor) -> tuple[UUID, UUID, UUID]:
    """What an actor's right hangs on: all who showed the same keep it or lose it together."""
    return actor.workspace, actor.user, actor.credential


class Doubts:
    """Whose rights are to be checked again. They gather while others are being checked: whoever hears of a loss goes on
    listening, and a task beside it asks.
    """

    def __init__(self) -> None:
        self._principals: set[UUID] = set()
        self._is_of_all = False
        self._raised = asyncio.Event()

    def raise_of(self, principals: Iterable[UUID]) -> None:
        self._principals.update(principals)
        self._raised.set()

    def raise_of_all(self) -> None:
        self._is_of_all = True
        self._raised.set()

    async def concern(self) -> "Doubted":
        """Waits until somebody is doubted."""
        await self._raised.wait()
        self._raised.clear()
        doubted = Doubted(None if self._is_of_all else frozenset(self._principals))
        self._principals, self._is_of_all = set(), False
        return doubted


@dataclass(frozen=True, slots=True)
class Doubted:
    """Some principals; None is everybody."""

    principals: frozenset[UUID] | None

    async def refused(self, actors: Iterable[Actor], may: Question) -> AsyncIterator[tuple[UUID, UUID, UUID]]:
        """What was shown by each of these actors who is doubted and may not go on. Asked once each."""
        asked = {shown(actor): actor for actor in actors}
        for what, actor in asked.items():
            is_doubted = self.principals is None or not self.principals.isdisjoint(what)
            if is_doubted and not await may(actor):
                yield what


async def holds(actor: Actor) -> bool:
    """Whether what an actor began earlier may go on. True while the database is away."""
    return await _passes(still_holds, actor)


async def is_present(actor: Actor) -> bool:
    """Whether an actor may still watch from outside. True while the database is away."""
    return await _passes(still_present, actor)


async def _passes(check: Callable[[Actor], None], actor: Actor) -> bool:
    try:
        await work(lambda: check(actor), actor.workspace, actor.user)
    except (Unauthenticated, Forbidden, WrongTenant):
        return False
    except (OperationalError, InterfaceError):
        logger.warning("rights could not be checked again", extra={"workspace": str(actor.workspace)})
    return True
