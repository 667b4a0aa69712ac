"""What crosses the border of this room: chats as lists show them."""

from dataclasses import dataclass

from workspace.chat.contracts import ConversationView


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the sidebar shows of a person's chats, newest activity first in each part."""

    pinned: list[ConversationView]
    recent: list[ConversationView]


@dataclass(frozen=True, slots=True)
class Group:
    """Chats of one time, under what the time is called."""

    title: str
    chats: list[ConversationView]


@dataclass(frozen=True, slots=True)
class KeySigns:
    """How the keys of the person's machine are called."""

    command: str
    shift: str
