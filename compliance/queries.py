"""What the ledger says: questions asked in a unit of the actor's workspace."""

from collections.abc import Sequence

from django.db.models import Q

from compliance.contracts import Answer, DataPolicy, Purpose, Scope
from compliance.models import Consent
from compliance.policies import DEFAULTS, policy_for
from workspace.common.contracts import Actor, Surface
from workspace.common.work import here


def policy_of(actor: Actor, *, temporary: bool, surface: Surface | None = None) -> DataPolicy:
    """The policy of what the actor is about to do, on their own surface unless another is named (a conversation's).

    The ledger is read only where it can matter: an answer takes away, it never gives.
    """
    surface = surface or actor.surface
    is_open = DEFAULTS[surface].training and not temporary
    return policy_for(surface, temporary=temporary, answers=answers_of(actor, Purpose.TRAINING) if is_open else ())


def answers_of(actor: Actor, purpose: Purpose) -> Sequence[Answer]:
    """The newest answer of the actor's workspace and of the actor, in no order; whoever never answered is missing."""
    mine = Q(scope=Scope.USER, subject_id=actor.user) | Q(scope=Scope.WORKSPACE, subject_id=here().workspace)
    newest = (
        Consent.objects.filter(mine, purpose=purpose)
        .order_by("scope", "-sequence")
        .distinct("scope")
        .values_list("scope", "allows", "sequence")
    )
    return [Answer(Scope(scope), allows, sequence) for scope, allows, sequence in newest]
