"""The key management service that wraps the workspaces' keys. One implementation: a local key, ATRIUM_KEY."""

import base64
import os
from functools import cache, lru_cache
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class KeyManagement(Protocol):
    """Wraps and unwraps 32-byte keys. `context` is bound to the result: another context cannot unwrap it."""

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...


class LocalKeyManagement:
    """AES-256-GCM under one key that this machine holds. `secret` is 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """12 bytes of nonce, then the sealed key."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Raises:
        cryptography.exceptions.InvalidTag: another key or context, or a changed byte.
        """
        return self._cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], context)


@cache
def service() -> KeyManagement:
    """The service that the settings name."""
    return LocalKeyManagement(local_key(settings.ATRIUM_KEY))


def local_key(text: str) -> bytes:
    """The 32 bytes that ATRIUM_KEY holds in URL-safe base64, with or without padding.

    Raises:
        ValueError: it holds something else.
    """
    key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(key) != 32:
        raise ValueError("ATRIUM_KEY takes 32 bytes in URL-safe base64")
    return key


@lru_cache(maxsize=1024)
def unwrapped(wrapped: bytes, context: bytes) -> bytes:
    """A workspace's key. Cached by its wrapped form: whoever destroyed the row took away what finds the cached key."""
    return service().unwrap(wrapped, context)
