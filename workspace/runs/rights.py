"""Whether somebody who was let in earlier may still be here: streams and runs ask when a right was taken away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import InterfaceError, OperationalError

from workspace.accounts.errors import CredentialRefused
from workspace.accounts.permissions import still_holds
from workspace.common.contracts import Actor
from workspace.common.work import WrongTenant, work

logger = logging.getLogger(__name__)


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

    async def refused(self, actors: Iterable[Actor]) -> AsyncIterator[tuple[UUID, UUID, UUID]]:
        """What was shown by each of these actors who is doubted and may not be here any more. Asked once each."""
        asked = {shown(actor): actor for actor in actors}
        for what, actor in asked.items():
            is_doubted = self.principals is None or not self.principals.isdisjoint(what)
            if is_doubted and not await holds(actor):
                yield what


async def holds(actor: Actor) -> bool:
    """Whether an actor that was authenticated earlier may still act. True while the database is away."""
    try:
        await work(lambda: still_holds(actor), actor.workspace, actor.user)
    except (CredentialRefused, WrongTenant):
        return False
    except (OperationalError, InterfaceError):
        logger.warning("rights could not be checked again", extra={"workspace": str(actor.workspace)})
    return True
