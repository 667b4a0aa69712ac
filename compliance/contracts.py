"""The data policy: what may happen to the words of one call, decided once and carried with it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from workspace.common.contracts import Surface


class Fallback(StrEnum):
    """Whether a call may leave the organisation's own engines."""

    NEVER = "never"
    ZERO_RETENTION_ONLY = "zero_retention_only"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class TrainingDecision:
    """Whether a message may ever be used for training, and why. Stored beside the message when it is written."""

    allowed: bool
    reason: str
    consent_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class DataPolicy:
    """What holds for one call. `version` names its table; `expires_after` is the life of a temporary chat."""

    version: str
    surface: Surface
    temporary: bool
    training: TrainingDecision
    fallback: Fallback
    expires_after: timedelta | None
