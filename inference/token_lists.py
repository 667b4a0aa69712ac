"""The token lists that this process knows: o200k_harmony, and a model file's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tiktoken

from inference.contracts import EngineProblem
from inference.gguf import ModelFileError, foreign, read_model_file
from inference.vocabulary import HARMONY_SPECIALS, HarmonyVocabulary, Vocabulary, o200k_harmony

_NORMAL = 1  # a token type: text. All others are control tokens, unused or user-defined

# How o200k splits text before it merges bytes: words with contractions, three digits at most, signs, line ends, blanks.
_SPLIT = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


class GgufVocabulary(Vocabulary):
    """The token list of one model file: byte pairs merged in the order of their ids, as in all lists cut from o200k."""

    def __init__(self, tokens: Sequence[bytes], types: Sequence[int]) -> None:
        self.size = len(tokens)
        ordinary = {token for token, kind in enumerate(types) if kind == _NORMAL}
        self._special_ids = frozenset(range(self.size)) - ordinary
        self._specials = {tokens[token].decode("utf-8", "replace"): token for token in self._special_ids}
        if missing := [name for name in HARMONY_SPECIALS if name not in self._specials]:
            raise foreign(f"the model has no control token {missing[0]}: it is no gpt-oss model")
        original = _byte_alphabet()
        self._pieces = tuple(
            _bytes(token, original) if position in ordinary else token for position, token in enumerate(tokens)
        )
        ranks = {self._pieces[token]: token for token in ordinary}
        if any(bytes([byte]) not in ranks for byte in range(256)):
            raise foreign("the model's token list cannot write every text: single bytes are missing")
        self._encoding = tiktoken.Encoding("gguf", pat_str=_SPLIT, mergeable_ranks=ranks, special_tokens={})

    def encode(self, text: str) -> tuple[int, ...]:
        return tuple(self._encoding.encode_ordinary(text))

    def special(self, name: str) -> int:
        return self._specials[name]

    def is_special(self, token: int) -> bool:
        return token in self._special_ids or not 0 <= token < self.size

    def piece(self, token: int) -> bytes:
        return self._pieces[token]


@dataclass(frozen=True, slots=True)
class TokenLists:
    """`of_file` is that of the model file, None where it is o200k_harmony or the file cannot be used: then
    `file_problem` says why.
    """

    of_file: Vocabulary | None
    file_problem: EngineProblem | None = None

    @classmethod
    def read(cls, gguf: Path) -> "TokenLists":
        """Takes a second for a long list."""
        try:
            file = read_model_file(gguf)
            if len(file.tokens) == HarmonyVocabulary.size:
                return cls(None)  # the same list; whether an engine's ids are really these is asked of the engine
            return cls(GgufVocabulary(file.tokens, file.token_types))
        except ModelFileError as error:
            return cls(None, error.problem)

    def candidates(self, size: int | None) -> tuple[Vocabulary, ...]:
        """Those of so many ids, all where the number is not known; the likeliest first. The first call that needs
        o200k_harmony loads it: a quarter of a second and a hundred megabytes.
        """
        own = (self.of_file,) if self.of_file is not None and size in (None, self.of_file.size) else ()
        return (o200k_harmony(), *own) if size in (None, HarmonyVocabulary.size) else own


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's spelling of bytes: printable Latin-1 stands for itself, the others for letters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + at): byte for at, byte in enumerate(others)}


def _bytes(token: bytes, original: dict[str, int]) -> bytes:
    try:
        return bytes(original[letter] for letter in token.decode())
    except (UnicodeDecodeError, KeyError):
        raise foreign("the model's token list is not spelled as GPT-2 spells bytes") from None
