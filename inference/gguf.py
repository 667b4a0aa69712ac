"""Reads what a GGUF model file says of itself: above all its token list, so that an engine with ids of its own can be
spoken to by ids.

The file format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The weights are not read. Nothing heavy is
imported, because the engine's own process reads its file here too.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inference.contracts import EngineProblem

_MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_LIMIT = 64 << 20  # bytes of one text or items of one list; no model's metadata comes near
_MOST_DIMENSIONS = 4
# Bytes of a block and how many weights it holds, by the number of a tensor's type (ggml.h); of others the size is not
# known here, and llama.cpp finds out.
_BLOCKS = {
    0: (4, 1),
    1: (2, 1),
    2: (18, 32),
    3: (20, 32),
    6: (22, 32),
    7: (24, 32),
    8: (34, 32),
    10: (84, 256),
    11: (110, 256),
    12: (144, 256),
    13: (176, 256),
    14: (210, 256),
    30: (2, 1),
    39: (17, 32),
}


class ModelFileError(ValueError):
    """The file cannot be used. The message says why; it names no path. `problem` is its code."""

    def __init__(self, why: str, problem: EngineProblem) -> None:
        super().__init__(why)
        self.problem = problem


def foreign(why: str) -> ModelFileError:
    """It is whole, and holds another kind of model."""
    return ModelFileError(why, EngineProblem.FILE_FOREIGN)


def _broken(why: str = "the model file is not a whole GGUF file") -> ModelFileError:
    return ModelFileError(why, EngineProblem.FILE_BROKEN)


@dataclass(frozen=True, slots=True)
class Attention:
    """What decides how much memory a token of the context takes. `window`: how many tokens every second layer sees."""

    layers: int
    key_value_heads: int
    head_length: int
    window: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a gpt-oss model file says of itself. `context_length` is in tokens, the longest that it was trained for;
    `size` in bytes. `tokens` and `token_types` are its token list, spelled as GPT-2 spells bytes.
    """

    name: str
    size: int
    context_length: int
    attention: Attention
    tokens: tuple[bytes, ...]
    token_types: tuple[int, ...]


def read_model_file(path: Path) -> ModelFile:
    """The begin of a gpt-oss model file; of the weights it is only asked whether all are there.

    Raises:
        ModelFileError: the file cannot be read, is no whole GGUF, or has another kind of token list.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except FileNotFoundError:
        raise ModelFileError("the model file is not there", EngineProblem.FILE_MISSING) from None
    except OSError as error:
        why = f"the model file cannot be read ({error.strerror})"
        raise ModelFileError(why, EngineProblem.FILE_UNREADABLE) from None
    except (struct.error, UnicodeDecodeError, KeyError, OverflowError, MemoryError):
        raise _broken() from None


def _read(file: BinaryIO) -> ModelFile:
    if file.read(4) != _MAGIC or _scalar(file, "I") not in (2, 3):
        raise _broken("the file is no GGUF of version 2 or 3")
    tensors = _count(file)
    metadata = dict(_read_pair(file) for _ in range(_count(file)))
    described = _Described(metadata)
    tokens, types = described.token_list()
    size = os.fstat(file.fileno()).st_size
    model = ModelFile(described.name(), size, described.context_length(), described.attention(), tokens, types)
    if _end_of_weights(file, tensors, described.number("general.alignment", 32)) > size:
        raise _broken("the model file ends in the middle of its weights")
    return model


@dataclass(frozen=True, slots=True)
class _Described:
    """The metadata of a file."""

    metadata: dict[str, object]

    def name(self) -> str:
        name = self.metadata.get("general.name")
        return name.decode("utf-8", "replace") if isinstance(name, bytes) and name else "model"

    def context_length(self) -> int:
        length = self.metadata.get("gpt-oss.context_length")
        if type(length) is not int:
            raise foreign("the model is no gpt-oss model")
        if length <= 0:
            raise _broken()
        return length

    def attention(self) -> Attention:
        """Where the file is silent, as gpt-oss-20b."""
        return Attention(
            layers=self.number("gpt-oss.block_count", 24),
            key_value_heads=self.number("gpt-oss.attention.head_count_kv", 8),
            head_length=self.number("gpt-oss.attention.key_length", 64),
            window=self.number("gpt-oss.attention.sliding_window", 128),
        )

    def token_list(self) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
        kind = self.metadata.get("tokenizer.ggml.model"), self.metadata.get("tokenizer.ggml.pre")
        tokens, types = self.metadata.get("tokenizer.ggml.tokens"), self.metadata.get("tokenizer.ggml.token_type")
        if kind != (b"gpt2", b"gpt-4o") or not isinstance(tokens, list) or not isinstance(types, list):
            raise foreign("the model's token list is of another kind than o200k's")
        if len(tokens) != len(types) or {*map(type, tokens)} != {bytes} or {*map(type, types)} != {int}:
            raise _broken()
        return tuple(tokens), tuple(types)

    def number(self, name: str, otherwise: int) -> int:
        value = self.metadata.get(name)
        return value if type(value) is int and value > 0 else otherwise


def _end_of_weights(file: BinaryIO, tensors: int, alignment: int) -> int:
    """Where the last byte of the last tensor should be."""
    ends = [_end_of_tensor(file) for _ in range(tensors)]
    begin = -(-file.tell() // alignment) * alignment
    return begin + max(ends, default=0)


def _end_of_tensor(file: BinaryIO) -> int:
    """Counted from the begin of all tensors."""
    _text(file)
    dimensions = _count(file, "I")
    if dimensions > _MOST_DIMENSIONS:
        raise OverflowError
    weights = 1
    for _ in range(dimensions):
        weights *= int(_scalar(file, "Q"))
    size, held = _BLOCKS.get(_count(file, "I"), (0, 1))
    return int(_scalar(file, "Q")) + weights // held * size


def _read_pair(file: BinaryIO) -> tuple[str, object]:
    name = _text(file).decode()
    return name, _read_value(file, _count(file, "I"))


def _read_value(file: BinaryIO, kind: int) -> object:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        item = _count(file, "I")
        if item == _ARRAY:
            raise OverflowError  # no model file nests them, and reading would nest as deep
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
