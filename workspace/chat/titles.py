"""What a conversation is called while nobody named it."""

from typing import Final

# In code points: what a sidebar shows in one line.
LONGEST: Final = 60


def first_words(text: str) -> str:
    """The beginning of a text in one line, cut between words where it has any."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    head, _, _ = line[:LONGEST].rpartition(" ")
    return (head if len(head) > LONGEST // 2 else line[: LONGEST - 1].rstrip()) + "…"
