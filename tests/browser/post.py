"""The mail that a product without a mail server writes into its outbox."""

import re
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
    """The link in the latest mail to this address."""
    found = LINK.search(mails_to(product, address)[-1].get_content())
    assert found, "the mail has no link"
    return found[0]
