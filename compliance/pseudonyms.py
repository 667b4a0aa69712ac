"""The names of people in the audit trail: a keyed hash of their id under the person's own data key.

The trail cannot be changed, so an erased person must not stand in it by id. Once their key is destroyed, nobody can
work out any more whose pseudonym it was. Whoever still has a key is found by computing theirs.
"""

import hashlib
import hmac
from functools import lru_cache
from uuid import UUID

from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.work import here


def pseudonym(user: UUID) -> UUID:
    """The person's name in the trail of the open unit's workspace: 128 bits of HMAC-SHA-256, written as a UUID.

    Raises:
        KeyDestroyed: the person has no key in this workspace, or none any more.
    """
    return _pseudonym(here().workspace, user)


# Kept in memory alone, so that an act costs no look at the keys.
@lru_cache(maxsize=10_000)
def _pseudonym(workspace: UUID, user: UUID) -> UUID:
    secret = keys.open_one(KeyOwner.USER, user).secret
    message = b"audit pseudonym\0" + workspace.bytes + user.bytes
    return UUID(bytes=hmac.new(secret, message, hashlib.sha256).digest()[:16])
