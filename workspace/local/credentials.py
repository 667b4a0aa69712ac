"""Secrets that the first start makes, one file each, readable by their owner only."""

import base64
import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in this file; made (32 random bytes in URL-safe base64) when the file is not there yet.

    The file is complete when it appears: written beside its place, with mode 0600, then linked there, so that two
    starts at once agree on one value.
    """
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent)
        draft = Path(name)
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
