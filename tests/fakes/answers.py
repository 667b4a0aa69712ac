"""What the fake engine answers: a pure function of the prompt up to where its answer begins, so any prefix of the
answer leads to the rest.
"""

import random
import zlib
from array import array
from dataclasses import dataclass, field

from inference.vocabulary import CHANNEL, END, MESSAGE, RETURN, START, Vocabulary, o200k_harmony
from tests.fakes.sayings import Saying, answer_to, title_in

# Words of one id, of several, and of ids that end inside a character.
_WORDS = (
    "light falls through the open roof and every room can see the court where people meet to talk plan build rest read "
    "光 が 差し込む 中庭 で 人 は 話す ✓ naïve Σ 🏛️ 🫧 𠮷野家 鬱蒼 👩🏽‍🚀 ﷽"
)


@dataclass(frozen=True, slots=True)
class Script:
    """How long answers are, in ids: the analysis (0: none) and the final text, unless `say` gives that word for
    word, or the question is one of the known (`tests.fakes.sayings`).
    """

    tokens: int = 200
    analysis: int = 12
    say: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`whole` follows `head` tokens of prompt; the prompt already holds `prefix` of them. `diverged`: what it holds
    is no prefix of the answer. `rate` is ids a second where it is not the engine's.
    """

    head: int
    key: int
    whole: tuple[int, ...]
    prefix: int
    final: str
    diverged: bool
    rate: float | None

    @property
    def rest(self) -> tuple[int, ...]:
        return self.whole[self.prefix :]


@dataclass(slots=True)
class Writer:
    """Writes answers by a script. Remembers them by prompt, so a repeated prompt costs nothing."""

    script: Script
    vocabulary: Vocabulary = field(default_factory=o200k_harmony)
    _known: dict[int, tuple[tuple[int, ...], str, float | None]] = field(default_factory=dict)
    _words: tuple[tuple[int, ...], ...] = ()

    def answer(self, prompt: list[int]) -> Answer:
        head = self._head(prompt)
        key = zlib.crc32(array("q", prompt[:head]).tobytes())
        if key not in self._known:
            asked = self._asked(prompt[:head])
            saying = answer_to(asked) or (None if self.script.say else title_in(asked))
            self._known[key] = *self._write(key, saying), saying.rate if saying else None
        whole, final, rate = self._known[key]
        prefix = self._prefix(whole, tuple(prompt[head:]))
        return Answer(head, key, whole, max(prefix, 0), final, diverged=prefix < 0, rate=rate)

    def _asked(self, prompt: list[int]) -> str:
        """The prompt as text, up to the end of its last message."""
        end = _last(prompt, self.vocabulary.special(END), len(prompt))
        return self.vocabulary.decode(tuple(prompt[: max(end, 0)])).decode("utf-8", "replace")

    def _head(self, prompt: list[int]) -> int:
        """Where the answer begins: after the first `<|start|>assistant` of the last row of assistant messages."""
        start, assistant = self.vocabulary.special(START), list(self.vocabulary.encode("assistant"))
        ends = {self.vocabulary.special(RETURN)}
        head = at = len(prompt)
        if prompt and prompt[-1] == start:  # an answer that was cut between its messages
            at -= 1
        while (at := _last(prompt, start, at)) >= 0 and prompt[at + 1 : at + 1 + len(assistant)] == assistant:
            if head < len(prompt) and ends & set(prompt[at:head]):
                break
            head = at + 1 + len(assistant)
        return head

    def _write(self, key: int, saying: Saying | None) -> tuple[tuple[int, ...], str]:
        chooser = random.Random(key)  # noqa: S311 - the same answer for the same prompt is the point
        special, encode = self.vocabulary.special, self.vocabulary.encode
        analysis = self._text(chooser, self.script.analysis)
        said = saying.text if saying else self.script.say
        final = encode(said) if said else self._text(chooser, self.script.tokens)
        thought = (special(CHANNEL), *encode("analysis"), special(MESSAGE), *analysis, special(END))
        answer = (special(CHANNEL), *encode("final"), special(MESSAGE), *final, special(RETURN))
        again = (special(START), *encode("assistant"))
        whole = (*thought, *again, *answer) if analysis else answer
        return whole, self.vocabulary.decode(final).decode()

    def _text(self, chooser: random.Random, length: int) -> tuple[int, ...]:
        """Exactly `length` ids that end with a whole word."""
        if not self._words:
            self._words = tuple(self.vocabulary.encode(" " + word) for word in _WORDS.split())
        ids: list[int] = []
        while len(ids) < length:
            word = chooser.choice(self._words)
            if len(ids) + len(word) <= length:
                ids.extend(word)
        return tuple(ids)

    def _prefix(self, whole: tuple[int, ...], held: tuple[int, ...]) -> int:
        """How many ids of the answer the prompt holds; -1 where it holds something else. Equal text by other ids
        counts: clients rebuild.
        """
        if whole[: len(held)] == held:
            return len(held)
        wanted, reached = self.vocabulary.decode(held), 0
        for count, token in enumerate(whole):
            if reached >= len(wanted):
                return count if self.vocabulary.decode(whole[:count]) == wanted else -1
            reached += len(self.vocabulary.piece(token))
        return -1


def _last(prompt: list[int], token: int, before: int) -> int:
    return next((at for at in range(before - 1, -1, -1) if prompt[at] == token), -1)
