"""Reads what a GGUF model file says of itself: above all its token list, so that an engine with ids of its own can be
spoken to by ids.

The file format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Only the metadata at its begin is read.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import tiktoken

from inference.contracts import EngineProblem
from inference.vocabulary import HARMONY_SPECIALS, Vocabulary

_MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_LIMIT = 64 << 20  # bytes of one text or items of one list; no model's metadata comes near
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


class ModelFileError(ValueError):
    """The file cannot be used. The message says why; it names no path. `problem` is its code."""

    def __init__(self, why: str, problem: EngineProblem) -> None:
        super().__init__(why)
        self.problem = problem


def _foreign(why: str) -> ModelFileError:
    return ModelFileError(why, EngineProblem.FILE_FOREIGN)


def _broken(why: str = "the model file is not a whole GGUF file") -> ModelFileError:
    return ModelFileError(why, EngineProblem.FILE_BROKEN)


class GgufVocabulary(Vocabulary):
    """The token list of one model file: byte pairs merged in the order of their ids, as in all lists cut from o200k."""

    def __init__(self, tokens: Sequence[bytes], types: Sequence[int]) -> None:
        self.size = len(tokens)
        ordinary = {token for token, kind in enumerate(types) if kind == _NORMAL}
        self._special_ids = frozenset(range(self.size)) - ordinary
        self._specials = {tokens[token].decode("utf-8", "replace"): token for token in self._special_ids}
        if missing := [name for name in HARMONY_SPECIALS if name not in self._specials]:
            raise _foreign(f"the model has no control token {missing[0]}: it is no gpt-oss model")
        original = _byte_alphabet()
        self._pieces = tuple(
            _bytes(token, original) if position in ordinary else token for position, token in enumerate(tokens)
        )
        ranks = {self._pieces[token]: token for token in ordinary}
        if any(bytes([byte]) not in ranks for byte in range(256)):
            raise _foreign("the model's token list cannot write every text: single bytes are missing")
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
class ModelFile:
    """What a gpt-oss model file says of itself. `context_length` is in tokens, the longest that it was trained for."""

    name: str
    context_length: int
    vocabulary: GgufVocabulary


def read_model_file(path: Path) -> ModelFile:
    """The begin of a gpt-oss model file; the weights are not touched.

    Raises:
        ModelFileError: the file cannot be read, is no GGUF, or has another kind of token list.
    """
    try:
        with path.open("rb") as file:
            metadata = _read_metadata(file)
    except FileNotFoundError:
        raise ModelFileError("the model file is not there", EngineProblem.FILE_MISSING) from None
    except OSError as error:
        why = f"the model file cannot be read ({error.strerror})"
        raise ModelFileError(why, EngineProblem.FILE_UNREADABLE) from None
    except (struct.error, UnicodeDecodeError, KeyError, OverflowError, MemoryError):
        raise _broken() from None
    name, context_length = metadata.get("general.name"), metadata.get("gpt-oss.context_length")
    if not isinstance(context_length, int):
        raise _foreign("the model is no gpt-oss model")
    spoken = name.decode("utf-8", "replace") if isinstance(name, bytes) else "model"
    return ModelFile(spoken, context_length, _vocabulary(metadata))


def _vocabulary(metadata: dict[str, object]) -> GgufVocabulary:
    kind = metadata.get("tokenizer.ggml.model"), metadata.get("tokenizer.ggml.pre")
    tokens, types = metadata.get("tokenizer.ggml.tokens"), metadata.get("tokenizer.ggml.token_type")
    if kind != (b"gpt2", b"gpt-4o") or not isinstance(tokens, list) or not isinstance(types, list):
        raise _foreign("the model's token list is of another kind than o200k's")
    if len(tokens) != len(types):
        raise _broken()
    return GgufVocabulary(tokens, types)


def _read_metadata(file: BinaryIO) -> dict[str, object]:
    if file.read(4) != _MAGIC or _scalar(file, "I") not in (2, 3):
        raise _broken("the file is no GGUF of version 2 or 3")
    _scalar(file, "Q")  # how many tensors
    return dict(_read_pair(file) for _ in range(_count(file)))


def _read_pair(file: BinaryIO) -> tuple[str, object]:
    name = _text(file).decode()
    return name, _read_value(file, _count(file, "I"))


def _read_value(file: BinaryIO, kind: int) -> object:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        item = _count(file, "I")
        return [_read_value(file, item) for _ in range(_count(file))]
    return _scalar(file, _SCALARS[kind])


def _text(file: BinaryIO) -> bytes:
    length = _count(file)
    text = file.read(length)
    if len(text) < length:
        raise struct.error
    return text


def _count(file: BinaryIO, form: str = "Q") -> int:
    count = int(_scalar(file, form))
    if count > _LIMIT:
        raise OverflowError
    return count


def _scalar(file: BinaryIO, form: str) -> float:
    value: float = struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))[0]
    return value


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's spelling of bytes: printable Latin-1 stands for itself, the others for letters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + at): byte for at, byte in enumerate(others)}


def _bytes(token: bytes, original: dict[str, int]) -> bytes:
    try:
        return bytes(original[letter] for letter in token.decode())
    except (UnicodeDecodeError, KeyError):
        raise _foreign("the model's token list is not spelled as GPT-2 spells bytes") from None
