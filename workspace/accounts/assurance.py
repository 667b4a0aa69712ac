"""How strongly somebody proved who they are: the evidence that a browser session holds, and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from workspace.accounts import policies
from workspace.accounts.errors import ReauthenticationNeeded
from workspace.accounts.models import Evidence, Method
from workspace.common.contracts import Actor, Assurance


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody has just shown, or has shown `at` a time. `level` is what their session is worth with it.

    `counts_in`, `connection`, `acr` and `amr` are of a proof that an organisation's own provider vouches for: it counts
    in that workspace alone.
    """

    method: Method
    level: Assurance = Assurance.LEVEL_1
    at: datetime | None = None
    counts_in: UUID | None = None
    connection: UUID | None = None
    acr: str = ""
    amr: tuple[str, ...] = ()


def prove(session: UUID, proofs: Sequence[Proof]) -> None:
    """Adds to what a browser session holds."""
    Evidence.objects.bulk_create(
        Evidence(
            session_id=session,
            method=proof.method,
            level=proof.level,
            counts_in=proof.counts_in,
            connection=proof.connection,
            acr=proof.acr[:255],
            amr=list(proof.amr),
            at=proof.at or Now(),
        )
        for proof in proofs
    )


def proofs_of(session: UUID) -> list[Proof]:
    """What a browser session holds, the newest last: for whoever gives it another key."""
    return [
        Proof(
            method=Method(row.method),
            level=Assurance(row.level),
            at=row.at,
            counts_in=row.counts_in,
            connection=row.connection,
            acr=row.acr,
            amr=tuple(row.amr),
        )
        for row in Evidence.objects.filter(session_id=session).order_by("at", "id")
    ]


def require_fresh(actor: Actor, level: Assurance = Assurance.LEVEL_1, *, here: bool = False) -> None:
    """Lets the actor do something sensitive, or raises: they proved who they are a short while ago, and strongly
    enough for it and for the workspace. A token never did. `here`: a provider's word does not count, for what is done
    concerns all workspaces that the person belongs to.

    Raises:
        ReauthenticationNeeded: see above; the person is asked again.
    """
    policy = policies.policy_here()
    needed = max(level, policy.required_level)
    since = timedelta(minutes=policy.fresh_minutes)
    counts = Q(counts_in=None) if here else Q(counts_in=None) | Q(counts_in=actor.workspace)
    proved = Evidence.objects.filter(counts, session_id=actor.credential, level__gte=needed, at__gt=Now() - since)
    if not proved.exists():
        raise ReauthenticationNeeded(params={"level": int(needed), "max_age": int(since.total_seconds())})
