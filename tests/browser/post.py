"""The mail that a product without a mail server writes into its outbox."""

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.product.running import Product

LINK = re.compile(r"https?://\S+")


def mails_to(product: Product, address: str) -> list[EmailMessage]:
    """All to this address, the oldest first."""
    files = sorted((product.home / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    mails = [message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default) for file in files]
    return [mail for mail in mails if mail["To"] == address]


def link_for(product: Product, address: str) -> str:
    """The link in the latest mail to this address. A worker writes it, so it may be still to come."""
    deadline = time.monotonic() + 20
    while not (mails := mails_to(product, address)) and time.monotonic() < deadline:
        time.sleep(0.05)
    found = LINK.search(mails[-1].get_content())
    assert found, "the mail has no link"
    return found[0]
