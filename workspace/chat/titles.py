"""What a conversation is called while nobody named it: first its first words, then what a model makes of them."""

import re
from typing import Final

# In code points: what a sidebar shows in one line.
LONGEST: Final = 60
# What models put around a title.
_AROUND: Final = " \t\"'`*#_.,:;“”‘’「」『』。"
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def first_words(text: str) -> str:
    """The beginning of a text in one line, cut between words where it has any."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    head, _, _ = line[:LONGEST].rpartition(" ")
    return (head if len(head) > LONGEST // 2 else line[: LONGEST - 1].rstrip()) + "…"


def cleaned(said: str) -> str:
    """A model's answer as a title; empty where it holds none."""
    lines = (_UNSEEN.sub(" ", line).strip(_AROUND) for line in said.splitlines())
    return first_words(next((line for line in lines if line), ""))
