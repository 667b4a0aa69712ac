"""What a workspace asks of those who sign in to it, and whether a browser session gives it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any, Self
from uuid import UUID

import orjson
from django.db import connection

from workspace.accounts.errors import AddressRefused, SignInElsewhere, SignInTooOld, SignInTooWeak
from workspace.accounts.models import AuthPolicy
from workspace.common.contracts import Assurance

# Every request and stream of a browser asks it: see `queries._ADMITTED`.
_STANDINGS = """
select m.user_id, m.role, w.kind, b.id is not null,
  coalesce(b.last_seen_at > statement_timestamp() - %s * interval '1 s', false),
  coalesce(extract(epoch from statement_timestamp() - b.created_at), 0)::float8,
  coalesce(extract(epoch from statement_timestamp() - b.last_seen_at), 0)::float8,
  host(b.address), e.proofs = 0 or e.level is not null, coalesce(e.level, 1),
  coalesce(e.at, b.created_at, statement_timestamp()), e.connections,
  (select to_jsonb(p) from accounts_authpolicy p where p.workspace_id = w.id order by p.version desc limit 1)
from accounts_membership m
join accounts_user u on u.id = m.user_id and u.is_active
join accounts_workspace w on w.id = m.workspace_id
{sessions} on b.user_id = m.user_id{session}
left join lateral (
  select count(*) as proofs, max(level) filter (where counts_in = w.id or counts_in is null) as level,
    max(at) filter (where counts_in = w.id or counts_in is null) as at,
    array_agg(connection) filter (where counts_in = w.id) as connections
  from accounts_evidence where session_id = b.id
) e on true
where m.is_active{user}
"""
_ONE = _STANDINGS.format(
    sessions="left join accounts_browsersession b", session=" and b.id = %s", user=" and m.user_id = %s"
)
_ALL = _STANDINGS.format(sessions="join accounts_browsersession b", session="", user="")


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of it; what nobody has decided yet asks for a password and no more. The fields are those of the row
    (`models.AuthPolicy`); hours and minutes that are None are without a limit, empty lists allow all.
    """

    version: int = 0
    required_level: Assurance = Assurance.LEVEL_1
    session_hours: int | None = None
    idle_minutes: int | None = None
    fresh_minutes: int = 15
    networks: tuple[str, ...] = ()
    connections: tuple[UUID, ...] = ()
    local_sign_in: bool = True

    @classmethod
    def of(cls, row: Mapping[str, Any] | None) -> Self:
        """From the columns of a row; the beginning where there is none."""
        if row is None:
            return cls()
        known = {field.name: row[field.name] for field in fields(cls)}
        known["required_level"] = Assurance(row["required_level"])
        known["networks"] = tuple(row["networks"])
        known["connections"] = tuple(map(UUID, row["connections"]))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in a workspace, and what the session that they show is worth there: a row of `_STANDINGS`. Ages are
    seconds.
    """

    user: UUID
    role: str
    surface: str
    is_kept: bool
    """Whether there is a row of the browser yet; the first request of a session makes it."""
    is_lately: bool
    age: float
    idle: float
    address: str | None
    is_proved: bool
    """Whether any of its proofs counts in this workspace. A session from before there were proofs has none to show."""
    level: Assurance
    proved_at: datetime
    connections: frozenset[UUID]
    policy: Policy


def standing_of(user: UUID, session: UUID, lately: float = 0) -> Standing | None:
    """How a person who shows a session stands in the open unit's workspace; None where they are no member. `is_lately`
    says whether the browser was seen in the last `lately` seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [lately, session, user])
        row = cursor.fetchone()
    return None if row is None else _standing(row)


def standings() -> Iterator[Standing]:
    """How everybody stands who is signed in and belongs to the open unit's workspace, browser by browser."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [0])
        yield from map(_standing, cursor)


def _standing(row: tuple[Any, ...]) -> Standing:
    known = dict(zip((field.name for field in fields(Standing)), row, strict=True))
    level, connections = Assurance(known["level"]), frozenset(known["connections"] or ())
    policy = Policy.of(known["policy"] and orjson.loads(known["policy"]))
    return Standing(**known | {"level": level, "connections": connections, "policy": policy})


def check(standing: Standing, address: str | None) -> None:
    """Lets a session pass that comes from this address, or raises.

    Raises:
        AddressRefused: the workspace lets nobody in from there.
        SignInTooOld: it began, or was last used, too long ago.
        SignInElsewhere: the workspace wants people to come by their organisation's own sign-in, or another of them.
        SignInTooWeak: one more proof is needed.
    """
    policy = standing.policy
    if policy.networks and not _is_inside(address, policy.networks):
        raise AddressRefused
    if policy.session_hours is not None and standing.age >= policy.session_hours * 3600:
        raise SignInTooOld
    if policy.idle_minutes is not None and standing.idle >= policy.idle_minutes * 60:
        raise SignInTooOld
    allowed = standing.connections & set(policy.connections) if policy.connections else standing.connections
    is_local = policy.local_sign_in and not standing.connections
    if not standing.is_proved or not (allowed or is_local):
        raise SignInElsewhere
    if standing.level < policy.required_level:
        raise SignInTooWeak(params={"level": int(policy.required_level)})


def policy_here() -> Policy:
    """What the open unit's workspace asks now."""
    return Policy.of(AuthPolicy.objects.order_by("-version").values().first())


def _is_inside(address: str | None, networks: tuple[str, ...]) -> bool:
    if address is None:
        return False
    here = ip_address(address)
    mapped = getattr(here, "ipv4_mapped", None)
    return any((mapped or here) in ip_network(network) for network in networks)
