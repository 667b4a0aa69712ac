"""What follows when somebody's rights change."""

from uuid import UUID

from django.db.models import F

from workspace.accounts.models import Workspace
from workspace.common import revocation
from workspace.common.work import here


def changed(principal: UUID) -> None:
    """Whoever was checked under the old epoch is checked again; what hangs on the principal ends now if it must.

    In the transaction of the change. `principal` is a person or a credential.
    """
    here().known.clear()
    Workspace.objects.filter(id=here().workspace).update(authorisation_epoch=F("authorisation_epoch") + 1)
    revocation.revoked(principal)
