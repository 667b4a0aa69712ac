"""What owners decide about their workspace."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from ipaddress import ip_network
from typing import Final
from uuid import UUID

from django.utils.translation import gettext

from workspace.accounts import assurance, permissions, policies, rights
from workspace.accounts.errors import (
    AddressRefused,
    CredentialRefused,
    SignInElsewhere,
    SignInTooOld,
    SignInTooWeak,
    StepUpNeeded,
)
from workspace.accounts.models import AuthPolicy, Workspace
from workspace.accounts.permissions import Capability
from workspace.accounts.policies import Policy, Standing
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import AtriumError, Conflict, FieldError, Invalid

MOST_NETWORKS: Final = 100
# The longest that each time may be: a year in hours, a month and a day in minutes.
LONGEST: Final = {"session_hours": 8_784, "idle_minutes": 44_640, "fresh_minutes": 1_440}


@dataclass(frozen=True, slots=True)
class Effect:
    """How many people of those who are signed in now a policy would ask for something, by what it asks."""

    again: int = 0
    stronger: int = 0
    elsewhere: int = 0
    outside: int = 0


def rename(actor: Actor, name: str) -> None:
    """Gives the workspace another name, of 1 to 100 characters.

    Raises:
        CapabilityMissing: the actor may not manage the workspace.
    """
    permissions.require(actor, Capability.MANAGE_WORKSPACE)
    Workspace.objects.filter(id=actor.workspace).update(name=name)
    audit.record(AuditEvent("workspace.rename", actor, "workspace", actor.workspace))


def effect_of(actor: Actor, policy: Policy) -> Effect:
    """What would follow if the policy held from now on. Nothing is changed.

    Raises:
        CapabilityMissing: the actor may not manage the workspace.
    """
    permissions.require(actor, Capability.MANAGE_WORKSPACE)
    asked: defaultdict[type[AtriumError] | None, set[UUID]] = defaultdict(set)
    for standing in policies.standings():
        asked[_refusal(standing, policy, standing.address)].add(standing.user)
    return Effect(
        again=len(asked[SignInTooOld]),
        stronger=len(asked[SignInTooWeak]),
        elsewhere=len(asked[SignInElsewhere]),
        outside=len(asked[AddressRefused]),
    )


def decide(actor: Actor, policy: Policy, address: str | None) -> None:
    """Makes this what the workspace asks for; whoever no longer meets it is asked at once, also on open pages. Its
    `version` is the one that it was made from. `address` is where the actor comes from.

    Raises:
        CapabilityMissing: the actor may not manage the workspace.
        ReauthenticationNeeded: they have not proved lately that it is them.
        Invalid: a network that is none, too many, or a time out of its range.
        Conflict: somebody else has changed it since, or it would shut out the actor here and now.
    """
    permissions.require(actor, Capability.MANAGE_WORKSPACE)
    assurance.require_fresh(actor)
    if problems := list(_problems(policy)):
        raise Invalid(errors=tuple(problems))
    # Of two who decide at the same moment the second finds another version.
    Workspace.objects.select_for_update().get(id=actor.workspace)
    if policies.policy_here().version != policy.version:
        raise Conflict(gettext("Somebody else has changed these rules in the meantime. Look at them again."))
    _keep_in(actor, policy, address)
    known = asdict(policy) | {"version": policy.version + 1, "connections": [str(id) for id in policy.connections]}
    row = AuthPolicy.objects.create(**known, made_by_id=actor.user)
    details = {"version": row.version, "level": row.required_level, "local": row.local_sign_in}
    audit.record(AuditEvent("auth_policy.decide", actor, "auth_policy", row.id, details))
    rights.changed(actor.workspace)


def _problems(policy: Policy) -> Iterator[FieldError]:
    for name, longest in LONGEST.items():
        value = getattr(policy, name)
        if value is not None and not 1 <= value <= longest:
            yield FieldError(name, "out_of_range", gettext("From 1 to %(longest)d.") % {"longest": longest})
    if len(policy.networks) > MOST_NETWORKS:
        said = gettext("No more than %(most)d networks.") % {"most": MOST_NETWORKS}
        yield FieldError("networks", "too_many", said)
    for network in policy.networks[:MOST_NETWORKS]:
        try:
            ip_network(network)
        except ValueError:
            said = gettext("“%(network)s” is no network. Write it as 203.0.113.0/24 or 2001:db8::/32.")
            yield FieldError("networks", "invalid", said % {"network": network[:60]})


def _keep_in(actor: Actor, policy: Policy, address: str | None) -> None:
    """Nobody saws off the branch that they sit on.

    Raises:
        Conflict: the policy would refuse the actor's own session.
    """
    standing = policies.standing_of(actor.user, actor.credential)
    if standing is None or _refusal(standing, policy, address) is not None:
        said = gettext("These rules would shut you out at once: you do not meet them yourself. Sign in that way first.")
        raise Conflict(said)


def _refusal(standing: Standing, policy: Policy, address: str | None) -> type[AtriumError] | None:
    """With what a policy would refuse a session that comes from this address; None: it would let it pass."""
    try:
        policies.check(replace(standing, policy=policy), address)
    except (AddressRefused, CredentialRefused, StepUpNeeded) as refusal:
        return type(refusal)
    return None
