"""Secrets that the first start makes, one file each, readable by their owner only."""

import base64
import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in this file; made (32 random bytes in URL-safe base64) when the file is not there yet.

    The file is complete when it appears: written beside its place with mode 0600, then linked there, so that two
    starts at once agree on one value.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other start was first; its value counts
        finally:
            draft.unlink()
    return path.read_text().strip()
