"""What is fed: pieces of the real thing, cut, repeated, swapped and spoilt, as chance has it."""

import random
from collections.abc import Sequence
from typing import TypeVar

from inference.vocabulary import HARMONY_SPECIALS, Vocabulary

T = TypeVar("T")

# Stands in no word of the vocabulary's own, and is put into every analysis.
SECRET = "zqxsecretxqz"
ROLES = ("assistant", "user", "tool", " to=functions.x", " to=", "json", "final", "analysis", "commentary", " final")
WORDS = ("Hello", " world", "光", "🏛️", "\n\n", "```", "<|", "|>", "\x00", "a\u0301", " ", SECRET)
MARKUP = (
    "# ", "## ", "- ", "1. ", "> ", "    ", "\t", "```", "~~~", "`", "``", "*", "**", "_", "~~", "[", "](", ")", "![",
    "](javascript:alert(1))", "](https://a.test/x)", "<", ">", "<script>", "</script>", "<img src=x onerror=alert(1)>",
    "<!--", "-->", "&lt;", "&#x6A;", "&colon;", "|", "|-|-|", "\n", "\n\n", "\r\n", "\\", "$", "$$", "\\(", "\\)",
    "\\frac{a}{b}", "\\href{javascript:alert(1)}{x}", "\\begin{matrix}", "\\end{matrix}", "{", "}", "^", "&", "word",
    "光", "مرحبا", "\u202e", "\u2066", "\x00", "\ufffd", "http://a.test", "mailto:a@b.c", "[x]: data:text/html,x",
    "- [ ] ",    "***", "---", "===", "```python\n", "def f(): pass\n", "```mermaid\n", "'\"", "😀",
)  # fmt: skip


def spoilt(chance: random.Random, row: Sequence[T], other: Sequence[T], times: int) -> list[T]:
    """A row with parts left out, said again, moved, and with items of another put in."""
    made = list(row)
    for _ in range(chance.randint(0, times)):
        at, length = chance.randint(0, len(made)), chance.randint(0, 6)
        match chance.randint(0, 3):
            case 0:
                del made[at : at + length]
            case 1:
                made[at:at] = made[at : at + length]
            case 2 if other:
                made[at:at] = [chance.choice(other) for _ in range(length)]
            case _:
                part = made[at : at + length]
                del made[at : at + length]
                target = chance.randint(0, len(made))
                made[target:target] = part
    return made


def pieces(chance: random.Random, row: Sequence[T]) -> list[Sequence[T]]:
    """The row cut at some places; some pieces may be empty."""
    cuts = sorted(chance.randint(0, len(row)) for _ in range(chance.randint(0, 8)))
    return [row[a:b] for a, b in zip([0, *cuts], [*cuts, len(row)], strict=True)]


class Answers:
    """Rows of ids that look like answers: thoughts that hold the secret, words, calls, and whatever else."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        special = {name: (vocabulary.special(name),) for name in HARMONY_SPECIALS}
        word = {text: vocabulary.encode(text) for text in (*ROLES, *WORDS)}
        self._loose = [token for ids in (*special.values(), *word.values()) for token in ids]
        start, end, message, channel = (special[f"<|{name}|>"] for name in ("start", "end", "message", "channel"))
        self._thought = (*channel, *word["analysis"], *message, *word[SECRET], *end, *start, *word["assistant"])
        self._said = (*channel, *word["final"], *message)
        to_a_tool = (*channel, *word["commentary"], *word[" to=functions.x"], *message)
        self._call = (*to_a_tool, *word[SECRET], *special["<|call|>"])
        self._return = special["<|return|>"]
        self._words = [word[text] for text in WORDS if text != SECRET]

    def drawn(self, chance: random.Random) -> list[int]:
        """A well-formed answer, spoilt; seldom ids without any form, some of which are none of the vocabulary's."""
        if chance.random() < 0.05:
            return [chance.randrange(self.vocabulary.size + 100) for _ in range(chance.randint(0, 40))]
        ids: list[int] = []
        for _ in range(chance.randint(0, 3)):
            ids += self._thought
        ids += self._call if chance.random() < 0.2 else self._said
        for _ in range(chance.randint(0, 12)):
            ids += chance.choice(self._words)
        ids += self._return
        return spoilt(chance, ids, self._loose, 4)


def markdown(chance: random.Random) -> str:
    """A short text of what Markdown is made of."""
    return "".join(chance.choice(MARKUP) for _ in range(chance.randint(1, 40)))


def spoilt_bytes(chance: random.Random, given: bytes) -> bytes:
    """The bytes with at least one of them another, more, or missing."""
    made = bytearray(given)
    while bytes(made) == given:
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(made)) if made else 0
            match chance.randint(0, 3):
                case 0 if made:
                    made[at] ^= 1 << chance.randint(0, 7)
                case 1:
                    made[at:at] = chance.randbytes(chance.randint(1, 4))
                case 2:
                    del made[at : at + chance.randint(1, 4)]
                case _:
                    made = made[:at]
    return bytes(made)
