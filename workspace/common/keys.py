"""Data keys: made, opened and destroyed.

Chain of wrapping: the key management service wraps the workspace's key, which wraps the data keys of the workspace.
"""

import os
import secrets
from collections.abc import Iterable
from typing import cast
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from workspace.common import kms
from workspace.common.ciphers import NONCE, OpenedKey
from workspace.common.contracts import KeyOwner
from workspace.common.errors import AtriumError
from workspace.common.models import DataKey, WorkspaceKey
from workspace.common.work import here

# Whoever reads or writes a word asks it, and the ORM takes twice as long to say it as PostgreSQL to answer.
_WRAPPED = """
select k.owner_id, k.wrapped, w.wrapped
from common_datakey k left join common_workspacekey w on w.workspace_id = %s
where k.owner_kind = %s and k.owner_id = any(%s)
"""


class KeyDestroyed(AtriumError):
    """The key of this content is gone, and with it the content."""

    code, status, title = "content_destroyed", 404, "This content no longer exists"


def _context(workspace: UUID, kind: str, owner: UUID) -> bytes:
    return f"{workspace}\x1f{kind}\x1f{owner}".encode()


def create_workspace_key() -> None:
    """Makes the key of the open unit's workspace. Once, when the workspace is made."""
    workspace = here().workspace
    wrapped = kms.service().wrap(secrets.token_bytes(32), str(workspace).encode())
    WorkspaceKey.objects.create(workspace_id=workspace, wrapped=wrapped)


def _workspace_cipher() -> AESGCM:
    return _cipher(WorkspaceKey.objects.filter(workspace_id=here().workspace).values_list("wrapped", flat=True).first())


def _cipher(wrapped: bytes | memoryview | None) -> AESGCM:
    if wrapped is None:
        raise KeyDestroyed
    return AESGCM(kms.unwrapped(bytes(wrapped), str(here().workspace).encode()))


def create(kind: KeyOwner, owner: UUID) -> OpenedKey:
    """Makes the data key of an owner, in the open unit. An owner has one: a second is an IntegrityError."""
    return create_many(kind, [owner])[owner]


def create_many(kind: KeyOwner, owners: Iterable[UUID]) -> dict[UUID, OpenedKey]:
    """Makes the data keys of several owners, in two queries; otherwise like `create`."""
    workspace, cipher = here().workspace, _workspace_cipher()
    made = {owner: OpenedKey(workspace, kind, owner, secrets.token_bytes(32)) for owner in owners}
    rows = []
    for owner, key in made.items():
        nonce = os.urandom(NONCE)
        wrapped = nonce + cipher.encrypt(nonce, key.secret, _context(workspace, kind, owner))
        rows.append(DataKey(owner_kind=kind, owner_id=owner, wrapped=wrapped))
    DataKey.objects.bulk_create(rows)
    return made


def opened(kind: KeyOwner, owners: Iterable[UUID]) -> dict[UUID, OpenedKey]:
    """The keys of these owners, in one query and asked once a unit. An owner whose key was destroyed is missing from
    the answer.

    Raises:
        KeyDestroyed: the workspace's own key is gone.
    """
    workspace, known = here().workspace, here().known
    wanted = set(owners)
    found = {owner: cast("OpenedKey", known[_name(kind, owner)]) for owner in wanted if _name(kind, owner) in known}
    if len(found) == len(wanted):
        return found
    with connection.cursor() as cursor:
        cursor.execute(_WRAPPED, [workspace, kind, list(wanted - set(found))])
        rows = cursor.fetchall()
    for owner, stored, wrapped_by in rows:
        cipher, wrapped = _cipher(wrapped_by), bytes(stored)
        secret = cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], _context(workspace, kind, owner))
        found[owner] = OpenedKey(workspace, kind, owner, secret)
        known[_name(kind, owner)] = found[owner]
    return found


def _name(kind: KeyOwner, owner: UUID) -> tuple[str, UUID]:
    """Under which the unit knows a key."""
    return f"key of {kind}", owner


def open_one(kind: KeyOwner, owner: UUID) -> OpenedKey:
    """Raises:
    KeyDestroyed: there is no such key any more.
    """
    try:
        return opened(kind, [owner])[owner]
    except KeyError:
        raise KeyDestroyed from None


def destroy(kind: KeyOwner, owner: UUID) -> bool:
    """Destroys a data key; everything sealed with it is unreadable from now on. False when there was none."""
    here().known.pop(_name(kind, owner), None)
    return bool(DataKey.objects.filter(owner_kind=kind, owner_id=owner).delete()[0])
