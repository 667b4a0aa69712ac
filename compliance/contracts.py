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


class Purpose(StrEnum):
    """What somebody may want people's words for, beyond answering them."""

    TRAINING = "training"
    ADS = "ads"
    PROFILING = "profiling"
    SALE = "sale"


class Reason(StrEnum):
    """Why training is allowed or not. Stored with every message, so a code never changes its meaning."""

    TEMPORARY = "temporary"
    SURFACE_DEFAULT = "surface_default"
    WORKSPACE_OPT_OUT = "workspace_opt_out"
    USER_OPT_OUT = "user_opt_out"
    # The only one that allows.
    NOT_OPTED_OUT = "not_opted_out"


class Scope(StrEnum):
    """For whom an answer about a purpose was given, from wide to narrow."""

    WORKSPACE = "workspace"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest answer of one scope in the consent ledger. `sequence` is its number there."""

    scope: Scope
    allows: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class TrainingDecision:
    """Whether a message may ever be used for training, and why. Stored beside the message when it is written.

    `consent_sequence` is the newest answer that was heard; None when nobody had to be asked.
    """

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
