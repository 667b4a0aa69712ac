"""Whether somebody who was let in earlier may still be here: streams and runs ask when a right was taken away."""

import logging
from uuid import UUID

from django.db import InterfaceError, OperationalError

from workspace.accounts.errors import CredentialRefused
from workspace.accounts.permissions import still_holds
from workspace.common.contracts import Actor
from workspace.common.work import WrongTenant, work

logger = logging.getLogger(__name__)


def principals_of(actor: Actor) -> set[UUID]:
    """Whose loss of rights concerns this actor."""
    return {actor.user, actor.credential, actor.workspace}


async def holds(actor: Actor) -> bool:
    """Whether an actor that was authenticated earlier may still act. True while the database is away."""
    try:
        await work(lambda: still_holds(actor), actor.workspace, actor.user)
    except (CredentialRefused, WrongTenant):
        return False
    except (OperationalError, InterfaceError):
        logger.warning("rights could not be checked again", extra={"workspace": str(actor.workspace)})
    return True
