"""The folder that mail is written to where no mail server is set: somebody reads it on this machine."""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


def outbox() -> Path | None:
    """The folder, None where a mail server takes the mail."""
    return None if settings.EMAIL_HOST else settings.ATRIUM_HOME / "outbox"


class Outbox(BaseEmailBackend):
    """Writes each mail as a file `TIME-RANDOM.eml` that only the product's own user may read."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many were written.

        Raises:
            OSError: the folder cannot be written to.
        """
        folder: Path = settings.ATRIUM_HOME / "outbox"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            _write(folder, message.message().as_bytes())
        return len(email_messages)


def _write(folder: Path, mail: bytes) -> None:
    """Under another name first: whoever watches the folder finds whole mails alone."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
    draft = folder / f".{name}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(mail)
    draft.rename(folder / name)
