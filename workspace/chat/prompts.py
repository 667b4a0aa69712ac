"""The prompt of a turn: the rules and as much of the branch as fits, as token ids.

The ids of a message are kept, sealed, under the fingerprint of the token list that made them. That is safe because a
message with others below it never changes: an answer is only continued while nothing follows it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from django.db import connection

from inference.errors import ContextOverflow
from inference.harmony import AssistantMessage, DeveloperMessage, Effort, SystemMessage, UserMessage
from inference.rendering import render, render_answer_start
from inference.vocabulary import Vocabulary
from workspace.chat import rules
from workspace.chat.branches import Branch
from workspace.chat.models import Message
from workspace.chat.queries import text_of
from workspace.common import sealed
from workspace.common.ciphers import OpenedKey

# Tokens kept free for the answer: a quarter of the context, and no more than this.
ANSWER_ROOM: Final = 4_096
# An answer that goes on for longer has lost its way.
LONGEST_ANSWER: Final = 32_768
# The test model often does not find an end, and says more that can be read when it is cool.
TEST_MODELS_LONGEST, TEST_MODELS_TEMPERATURE = 400, 0.5

# Messages that are read at once on the way up.
BATCH: Final = 64

Ids = tuple[int, ...]

_KEEP: Final = """
update chat_message set tokens = made.tokens, tokens_of = %s
from unnest(%s::uuid[], %s::bytea[]) made(id, tokens) where chat_message.id = made.id
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the branch. `date` is ISO 8601."""

    date: str
    effort: Effort


@lru_cache(maxsize=16)
def _opening(frame: Frame, vocabulary: Vocabulary) -> Ids:
    """The ids of the system and the developer message: the same for every turn of a day."""
    system = render(SystemMessage(frame.date, frame.effort), vocabulary)
    return (*system, *render(DeveloperMessage(rules.instructions()), vocabulary))


@dataclass(slots=True)
class Context:
    """The messages of a branch as ids of one token list."""

    branch: Branch
    key: OpenedKey
    vocabulary: Vocabulary
    # Messages whose ids were made now, to be kept.
    fresh: list[Message] = field(default_factory=list)

    def prompt(self, frame: Frame, context_length: int) -> Ids:
        """The ids up to where the model goes on. Leaves out the oldest turns, whole ones, until the rest fits.

        Raises:
            ContextOverflow: the newest question alone does not fit.
        """
        opening, answer_start = _opening(frame, self.vocabulary), render_answer_start(self.vocabulary)
        room = context_length - min(ANSWER_ROOM, context_length // 4) - len(opening) - len(answer_start)
        chosen: list[Ids] = []
        for turn in self._turns():
            size = sum(map(len, turn))
            if size > room:
                if not chosen:
                    raise ContextOverflow.of(context_length - room + size, context_length)
                break
            room -= size
            chosen.extend(reversed(turn))
        return (*opening, *(token for ids in reversed(chosen) for token in ids), *answer_start)

    def keep(self) -> None:
        """Stores the ids that were made."""
        if self.fresh:
            ids, tokens = [row.id for row in self.fresh], [row.tokens for row in self.fresh]
            with connection.cursor() as cursor:
                cursor.execute(_KEEP, [self.vocabulary.fingerprint, ids, tokens])
        self.fresh.clear()

    def _turns(self) -> Iterator[list[Ids]]:
        """Question and answer of each turn, the newest turn first; that is the question alone."""
        turn: list[Ids] = []
        for message in self.branch.upwards(BATCH):
            turn.insert(0, self._ids(message))
            if message.role == Message.Role.USER:
                yield turn
                turn = []

    def _ids(self, message: Message) -> Ids:
        if message.tokens is not None and message.tokens_of == self.vocabulary.fingerprint:
            return _unpacked(sealed.read(message, "tokens", self.key))
        text = text_of(message, self.key)
        if message.role == Message.Role.USER:
            ids = render(UserMessage(text), self.vocabulary)
        else:
            # An answer that was stopped before its first word says nothing.
            ids = render(AssistantMessage(text), self.vocabulary) if text else ()
        sealed.write(message, "tokens", _packed(ids), self.key)
        self.fresh.append(message)
        return ids


def _packed(ids: Ids) -> bytes:
    return struct.pack(f"<{len(ids)}I", *ids)


def _unpacked(stored: bytes) -> Ids:
    return struct.unpack(f"<{len(stored) // 4}I", stored)
