"""Token lists: text to ids and back, and which ids are control tokens.

Text never becomes a control token here: `encode` knows no special names, so a typed `<|start|>` is so many ordinary
ids.
"""

import hashlib
from abc import ABC, abstractmethod
from functools import cache, cached_property
from threading import Lock

from openai_harmony import HarmonyEncoding, HarmonyEncodingName, load_harmony_encoding

# The control tokens that harmony is made of (https://cookbook.openai.com/articles/openai-harmony, "Special Tokens").
START, END, MESSAGE = "<|start|>", "<|end|>", "<|message|>"
CHANNEL, CONSTRAIN = "<|channel|>", "<|constrain|>"
RETURN, CALL = "<|return|>", "<|call|>"
HARMONY_SPECIALS = (START, END, MESSAGE, CHANNEL, CONSTRAIN, RETURN, CALL)


@cache
def reference_encoding() -> HarmonyEncoding:
    """oss-harmony's o200k_harmony, loaded once: a quarter of a second."""
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


# No model that knows anything has so short a list: gpt-oss's has 201,088 ids, the test model's 4,719.
_SHORT = 10_000


class Vocabulary(ABC):
    """The token list of one model. Ids run from 0 to `size` - 1."""

    size: int

    @property
    def is_test_models(self) -> bool:
        """Whether it can only be a test model's."""
        return self.size <= _SHORT

    @abstractmethod
    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of plain text, never a control token. Lone surrogates become U+FFFD."""

    @abstractmethod
    def special(self, name: str) -> int:
        """The id of a control token by its name, brackets included.

        Raises:
            KeyError: the model has none of this name.
        """

    @abstractmethod
    def is_special(self, token: int) -> bool:
        """Whether this id is anything but text: a control token, a reserved one, or no id of this model at all."""

    @abstractmethod
    def piece(self, token: int) -> bytes:
        """The bytes of one id of this model; a control token's are its name. They may end inside a character."""

    def decode(self, ids: tuple[int, ...]) -> bytes:
        """The bytes of ids of this model."""
        return b"".join(map(self.piece, ids))

    @cached_property
    def fingerprint(self) -> str:
        """A name that is equal for equal token lists only, so that cached ids are never used with another model's
        list.
        """
        digest = hashlib.sha256()
        for token in range(self.size):
            piece = self.piece(token)
            digest.update(b"%d:%d:" % (self.is_special(token), len(piece)) + piece)
        return digest.hexdigest()[:16]


class HarmonyVocabulary(Vocabulary):
    """o200k_harmony, the token list of gpt-oss, from inside the oss-harmony package: no file, no network."""

    size = 201_088  # the rows of gpt-oss's embedding; the package names one reserved id more

    def __init__(self) -> None:
        encoding = reference_encoding()
        self._encode = encoding.encode
        # The public `decode` replaces what is not whole UTF-8; only the inner object gives the bytes.
        self._bytes = encoding._inner.decode_bytes  # noqa: SLF001
        special_ids = [token for token in range(self.size) if encoding.is_special_token(token)]
        self._specials = {self.piece(token).decode(): token for token in special_ids}
        self._special_ids = frozenset(special_ids)

    def encode(self, text: str) -> tuple[int, ...]:
        return tuple(self._encode(text, disallowed_special=()))

    def special(self, name: str) -> int:
        return self._specials[name]

    def is_special(self, token: int) -> bool:
        return token in self._special_ids or not 0 <= token < self.size

    def piece(self, token: int) -> bytes:
        return bytes(self._bytes([token]))


_loading = Lock()


def o200k_harmony() -> HarmonyVocabulary:
    """The one of this process. Several threads may ask at once: it is large, and made once."""
    with _loading:
        return _o200k_harmony()


@cache
def _o200k_harmony() -> HarmonyVocabulary:
    return HarmonyVocabulary()
