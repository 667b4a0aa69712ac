"""What stands between the words of the model and the public: it may hold text back, never invent any."""

from typing import Protocol


class OutputFilter(Protocol):
    """Sees the text of the answer in order. A takeover makes a new one and feeds it the text that was released, so
    what it holds back must depend on the text alone.
    """

    def feed(self, text: str) -> str:
        """The text that may be shown now: what was held back and is free, and as much of the new as is."""
        ...

    def rest(self) -> str:
        """The answer has ended: what is still held back and may be shown."""
        ...


class Identity:
    """Holds nothing back."""

    def feed(self, text: str) -> str:
        return text

    def rest(self) -> str:
        return ""
