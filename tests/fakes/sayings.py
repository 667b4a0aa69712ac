"""What the fake engine says word for word to a question that it knows: what a small model cannot write.

A file of `sayings/` begins with lines `name: value` and an empty line, and then comes the text:

    asked   the question
    title   what a model would call the conversation
    rate    ids a second instead of the engine's (0: all at once)
    length  the text is repeated until it has this many characters
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sayings"
# How a prompt begins that asks for a title; see `workspace/chat/naming.py`.
NAMING = "Name the conversation that begins with"


@dataclass(frozen=True, slots=True)
class Saying:
    """A question with the text that answers it. `rate` is None where it is the engine's."""

    asked: str
    title: str
    text: str
    rate: float | None

    @classmethod
    def read(cls, file: Path) -> "Saying":
        head, _, text = file.read_text("utf-8").partition("\n\n")
        said = dict(line.split(": ", 1) for line in head.splitlines())
        times = -(-int(said["length"]) // len(text)) if "length" in said else 1
        rate = float(said["rate"]) if "rate" in said else None
        return cls(said["asked"], said["title"], (text * times).rstrip(), rate)


@cache
def sayings() -> dict[str, Saying]:
    """All of them by the name of their file."""
    return {file.stem: Saying.read(file) for file in sorted(FOLDER.glob("*.md"))}


def answer_to(prompt: str) -> Saying | None:
    """What is said to the question that this prompt ends with; to one for its title, the title alone."""
    known = next((saying for saying in sayings().values() if prompt.endswith(saying.asked)), None)
    if known and NAMING in prompt:
        return Saying(known.asked, known.title, known.title, 0)
    return known


def title_in(prompt: str) -> Saying | None:
    """A title for any question, as short as a model's; None where none is asked for."""
    return Saying("", "", "Light in the court", None) if NAMING in prompt else None
