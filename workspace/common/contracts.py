"""What every room says about who acts and through which door."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Protocol, Self
from uuid import UUID


class Surface(StrEnum):
    """The four ways in that a data policy tells apart. Fixed by the workspace's kind, or by `/v1`.

    "Temporary" is no surface: it is a flag over any of them that only tightens.
    """

    API = "api"
    ENTERPRISE = "enterprise"
    BUSINESS = "business"
    CONSUMER = "consumer"


class KeyOwner(StrEnum):
    """What a data key belongs to: destroying the key makes all content of that owner unreadable."""

    CONVERSATION = "conversation"
    DOCUMENT = "document"
    USER = "user"
    WORKSPACE = "workspace"


class Assurance(IntEnum):
    """How strongly the actor proved who they are: with one factor, with two, or with one that nobody can be talked out
    of (the authenticator assurance levels of NIST SP 800-63B, the third for what it calls phishing-resistant).
    """

    LEVEL_1 = 1
    LEVEL_2 = 2
    LEVEL_3 = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. Nothing is done without one.

    `credential` is the id of the access token or session that was shown. `epoch` is the workspace's authorisation epoch
    when it was checked: once the workspace's is higher, the actor must be checked again.
    """

    workspace: UUID
    user: UUID
    credential: UUID
    scopes: frozenset[str]
    surface: Surface
    assurance: Assurance
    epoch: int
    authenticated_at: datetime

    def stored(self) -> dict[str, Any]:
        """The actor as JSON, for a run or a job that goes on without the request."""
        return {
            "workspace": str(self.workspace),
            "user": str(self.user),
            "credential": str(self.credential),
            "scopes": sorted(self.scopes),
            "surface": self.surface.value,
            "assurance": int(self.assurance),
            "epoch": self.epoch,
            "authenticated_at": self.authenticated_at.isoformat(),
        }

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Self:
        """The inverse of `stored`. It must be checked again before it may act: `accounts.permissions.still_holds`."""
        return cls(
            workspace=UUID(stored["workspace"]),
            user=UUID(stored["user"]),
            credential=UUID(stored["credential"]),
            scopes=frozenset(stored["scopes"]),
            surface=Surface(stored["surface"]),
            assurance=Assurance(stored["assurance"]),
            epoch=stored["epoch"],
            authenticated_at=datetime.fromisoformat(stored["authenticated_at"]),
        )


class Credential(Protocol):
    """What a request shows for itself. Entering it opens a unit of the actor's workspace, or refuses."""

    def entered(self) -> AbstractContextManager[Actor]: ...
