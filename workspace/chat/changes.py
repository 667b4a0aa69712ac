"""Tells a person's open pages that one of their conversations changed, once the transaction commits: `notices`."""

from workspace.chat.models import Conversation
from workspace.common import wakeups


def tell_changed(row: Conversation) -> None:
    """Whatever a list or the page of the conversation shows may be another now."""
    wakeups.notify(wakeups.CONVERSATIONS, [f"{row.workspace_id}:{row.user_id}:{row.id}"])
