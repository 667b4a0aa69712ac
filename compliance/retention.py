"""When a thing ends: a pure decision from its facts, the rules that reach it, and the holds on it.

1. A hold beats everything: while it lives, nothing is purged.
2. The longest retain rule is a floor: nothing is purged before it.
3. Of the ordinary delete rules the most specific level counts, and there the shortest life.
4. A delete rule that is a ceiling never competes for being specific: it only shortens. (If it competed, a specific long
   ceiling would displace a general short rule, and so lengthen a life.)
5. A temporary thing lives at most 30 days, whatever the rules say; `expires_at` can be earlier.
6. What its person deleted goes after a time of grace.

Retaining and deleting are worked out apart, and the later of the two counts, as Microsoft Purview does. Ends are
half-open: a thing is there while `now < end`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from compliance.conf import LONGEST
from workspace.common.retention import Item

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Level(IntEnum):
    """How specific a rule is; a higher one is more so."""

    SURFACE = 1
    WORKSPACE = 2
    GROUP = 3
    USER = 4
    CONVERSATION = 5


class Effect(StrEnum):
    """What a rule does when its time has come, or until then."""

    RETAIN = "retain"
    DELETE = "delete"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `life` counts from the thing's beginning; None is for ever."""

    level: Level
    effect: Effect
    life: timedelta | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold, from `start` until it is released."""

    start: datetime
    released_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.start <= now and (self.released_at is None or now < self.released_at)


@dataclass(frozen=True, slots=True)
class Governance:
    """All that is said about a thing. `grace` is how long it is kept, hidden, after its person deleted it."""

    grace: timedelta
    rules: tuple[Rule, ...] = ()
    holds: tuple[Hold, ...] = ()


class State(StrEnum):
    """What a thing is now. Held: it would be hidden or due, but for a hold."""

    KEPT = "kept"
    HIDDEN = "hidden"
    HELD = "held"
    DUE = "due"


class Cause(StrEnum):
    """What ends it first. A code in the audit trail."""

    DELETED = "deleted"
    TEMPORARY = "temporary"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Decision:
    """`keep_until` is the floor, `purge_at` when it goes unless it is held; NEVER when nothing ends it."""

    state: State
    keep_until: datetime
    purge_at: datetime
    cause: Cause


def decide(item: Item, governance: Governance, now: datetime) -> Decision:
    """The state of a thing at a moment, which is the database's."""
    delete_at = _delete_at(item, governance.rules)
    gone_at = NEVER if item.deleted_at is None else _after(item.deleted_at, governance.grace)
    hidden_at = min(delete_at, item.deleted_at or NEVER)
    keep_until = _floor(item, governance.rules)
    purge_at = max(keep_until, min(delete_at, gone_at))
    state = State.DUE if now >= purge_at else State.HIDDEN if now >= hidden_at else State.KEPT
    if state is not State.KEPT and any(hold.holds(now) for hold in governance.holds):
        state = State.HELD
    return Decision(state, keep_until, purge_at, _cause(item, deleted_first=gone_at <= delete_at))


def _floor(item: Item, rules: Iterable[Rule]) -> datetime:
    retained = [_after(item.created_at, rule.life) for rule in rules if rule.effect is Effect.RETAIN]
    return max(retained, default=item.created_at)


def _delete_at(item: Item, rules: Iterable[Rule]) -> datetime:
    """When rules or its own life end it; its person's deletion apart."""
    ends = [item.expires_at or NEVER]
    if item.is_temporary:
        ends.append(_after(item.created_at, LONGEST))
    deleting = [rule for rule in rules if rule.effect is not Effect.RETAIN]
    most_specific = max((rule.level for rule in deleting if rule.effect is Effect.DELETE), default=None)
    counting = [rule for rule in deleting if rule.effect is Effect.CEILING or rule.level == most_specific]
    ends += [_after(item.created_at, rule.life) for rule in counting]
    return min(ends)


def _cause(item: Item, *, deleted_first: bool) -> Cause:
    if item.deleted_at is not None and deleted_first:
        return Cause.DELETED
    return Cause.TEMPORARY if item.is_temporary else Cause.RULE


def _after(start: datetime, life: timedelta | None) -> datetime:
    if life is None or life >= NEVER - start:
        return NEVER
    return start + life
