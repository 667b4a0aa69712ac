"""The default table of data policies, and what is decided from it. Nothing here asks a database.

Deny overrides: a policy starts from its surface's row, and whatever is added (temporary, an answer of the workspace or
of the person) can only take away. Nothing gives back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from compliance.conf import ComplianceConf
from compliance.contracts import Answer, DataPolicy, Fallback, Purpose, Reason, Scope, TrainingDecision
from workspace.common.contracts import Surface

# Stored with every message: raise it with every change of the table below.
VERSION: Final = "2026-11-25"

# No table, setting or consent reaches these.
NEVER: Final = frozenset({Purpose.ADS, Purpose.PROFILING, Purpose.SALE})


@dataclass(frozen=True, slots=True)
class Defaults:
    """A surface's row: whether words may be used for training unless somebody objects, and may leave our engines."""

    training: bool
    fallback: Fallback


DEFAULTS: Final[Mapping[Surface, Defaults]] = MappingProxyType(
    {
        Surface.API: Defaults(training=False, fallback=Fallback.NEVER),
        Surface.ENTERPRISE: Defaults(training=False, fallback=Fallback.NEVER),
        Surface.BUSINESS: Defaults(training=False, fallback=Fallback.NEVER),
        Surface.CONSUMER: Defaults(training=True, fallback=Fallback.NEVER),
    }
)

OPT_OUT: Final[Mapping[Scope, Reason]] = MappingProxyType(
    {Scope.WORKSPACE: Reason.WORKSPACE_OPT_OUT, Scope.USER: Reason.USER_OPT_OUT}
)


def policy_for(surface: Surface, *, temporary: bool, answers: Iterable[Answer] = ()) -> DataPolicy:
    """The policy of one call. `answers` are the newest of each scope in the consent ledger: `queries.policy_of` reads
    them.
    """
    defaults = DEFAULTS[surface]
    return DataPolicy(
        version=VERSION,
        surface=surface,
        temporary=temporary,
        training=_training(defaults, answers, temporary=temporary),
        fallback=defaults.fallback,
        expires_after=ComplianceConf.from_environment().temporary_life if temporary else None,
    )


def _training(defaults: Defaults, answers: Iterable[Answer], *, temporary: bool) -> TrainingDecision:
    if temporary:
        return TrainingDecision(allowed=False, reason=Reason.TEMPORARY)
    if not defaults.training:
        return TrainingDecision(allowed=False, reason=Reason.SURFACE_DEFAULT)
    heard = list(answers)
    newest = max((answer.sequence for answer in heard), default=None)
    against = {answer.scope for answer in heard if not answer.allows}
    for scope in Scope:
        if scope in against:
            return TrainingDecision(allowed=False, reason=OPT_OUT[scope], consent_sequence=newest)
    return TrainingDecision(allowed=True, reason=Reason.NOT_OPTED_OUT, consent_sequence=newest)


def permits(policy: DataPolicy, purpose: Purpose) -> bool:
    """Whether words under this policy may serve the purpose."""
    return purpose not in NEVER and policy.training.allowed
