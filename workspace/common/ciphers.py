"""Sealing itself, without a database: AES-256-GCM under an opened data key, bound to where the bytes stand."""

import os
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workspace.common.contracts import KeyOwner
from workspace.common.errors import AtriumError

VERSION = b"\x01"
NONCE = 12
TAG = 16


class SealBroken(AtriumError):
    """Sealed bytes that were changed, or moved to another place."""

    code, status, title = "seal_broken", 500, "Stored content cannot be read"


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed bytes stand. They open nowhere else."""

    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A data key that may be used. It works without a database, so a stream keeps one for its life."""

    workspace: UUID
    owner_kind: KeyOwner
    owner_id: UUID
    secret: bytes = field(repr=False)
    # Made once: a stream seals or opens fifty times a second under one key.
    _cipher: AESGCM = field(init=False, repr=False, compare=False)
    _owner: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.secret))
        object.__setattr__(self, "_owner", f"{VERSION.hex()}\x1f{self.workspace}")

    def seal(self, plain: bytes, place: Place) -> bytes:
        """One byte of version, 12 of nonce, the ciphertext and its 16-byte tag."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, self._bound(place))

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Raises:
        SealBroken: the bytes were changed, or sealed for another place or under another key.
        """
        if sealed[:1] != VERSION or len(sealed) < len(VERSION) + NONCE + TAG:
            raise SealBroken
        try:
            return self._cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], self._bound(place))
        except InvalidTag:
            raise SealBroken from None

    def _bound(self, place: Place) -> bytes:
        return f"{self._owner}\x1f{place.table}\x1f{place.row}\x1f{place.column}".encode()
