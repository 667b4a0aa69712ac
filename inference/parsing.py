"""Reads a model's answer from its token ids, a few at a time, as harmony messages.

Rules (https://cookbook.openai.com/articles/openai-harmony): an answer is a row of messages
`<|start|>HEADER<|message|>CONTENT<|end|>`; the prompt ends after `<|start|>assistant`, so the first header is already
begun. The last message ends with `<|return|>`, or `<|call|>` for a tool call.

Two rules of our own, because a model may write anything: a control token inside content always ends the message, and
a message without a known channel is never shown. So nothing but the content of a well-formed `final` message can come
out as the answer.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from inference.vocabulary import CALL, CHANNEL, CONSTRAIN, END, MESSAGE, RETURN, START, Vocabulary

Channel = Literal["analysis", "commentary", "final"]
EndReason = Literal["return", "call", "malformed"]

_CHANNELS: dict[str, Channel] = {"analysis": "analysis", "commentary": "commentary", "final": "final"}
_HEADER_LIMIT = 256  # ids; a header that goes on is no header


@dataclass(frozen=True, slots=True)
class MessageStarted:
    """A header is complete. `recipient` is the tool that is called (``functions.search``), empty for a message to the
    user.
    """

    channel: Channel
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More content of the open message, whole characters only, never empty."""

    channel: Channel
    text: str
    recipient: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether a person may read it: `final`, addressed to nobody else."""
        return self.channel == "final" and not self.recipient


@dataclass(frozen=True, slots=True)
class MessageEnded:
    channel: Channel
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """Nothing comes after it. `call`: the model waits for a tool's result; `malformed`: what it wrote is not
    harmony.
    """

    reason: EndReason


AnswerEvent = MessageStarted | TextDelta | MessageEnded | AnswerEnded


class _Place(Enum):
    HEADER = auto()
    CONTENT = auto()
    BETWEEN = auto()
    OVER = auto()


class AnswerParser:
    """Feed it the ids of one answer in order. Its events depend on the ids alone, not on how they were cut: feed
    committed ids to a new one to stand where the old one stood.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._start, self._end, self._message, self._channel_mark, self._constrain, self._return, self._call = (
            vocabulary.special(name) for name in (START, END, MESSAGE, CHANNEL, CONSTRAIN, RETURN, CALL)
        )
        self._place = _Place.HEADER
        self._header = list(vocabulary.encode("assistant"))
        self._open = MessageStarted("analysis")
        self._text = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_over(self) -> bool:
        """Whether the answer has ended; further ids are ignored."""
        return self._place is _Place.OVER

    def feed(self, ids: Iterable[int]) -> list[AnswerEvent]:
        """The events that these ids complete. Text of one message comes in one piece per call. Never raises, whatever
        the ids.
        """
        events: list[AnswerEvent] = []
        plain: list[bytes] = []
        for token in ids:
            if self._place is _Place.CONTENT and not self._vocabulary.is_special(token):
                plain.append(self._vocabulary.piece(token))
                continue
            self._say(plain, events)
            self._step(token, events)
        self._say(plain, events)
        return events

    def _say(self, plain: list[bytes], events: list[AnswerEvent], *, last: bool = False) -> None:
        text = self._text.decode(b"".join(plain), last)
        plain.clear()
        if text:
            events.append(TextDelta(self._open.channel, text, self._open.recipient))

    def _step(self, token: int, events: list[AnswerEvent]) -> None:
        if self._place is _Place.HEADER:
            self._read_header(token, events)
        elif self._place is _Place.CONTENT:
            self._say([], events, last=True)
            self._text.reset()
            events.append(MessageEnded(self._open.channel, self._open.recipient))
            self._place = _Place.BETWEEN
            if token != self._end:
                self._read_between(token, events)
        elif self._place is _Place.BETWEEN:
            self._read_between(token, events)

    def _read_header(self, token: int, events: list[AnswerEvent]) -> None:
        if token == self._message:
            started = _header(self._vocabulary, self._header, self._channel_mark, self._constrain)
            if started is None:
                self._over("malformed", events)
                return
            self._open, self._place = started, _Place.CONTENT
            events.append(started)
        elif token in (self._channel_mark, self._constrain) or not self._vocabulary.is_special(token):
            self._header.append(token)
            if len(self._header) > _HEADER_LIMIT:
                self._over("malformed", events)
        else:
            self._over("malformed", events)

    def _read_between(self, token: int, events: list[AnswerEvent]) -> None:
        if token == self._start:
            self._header, self._place = [], _Place.HEADER
        elif token == self._return:
            self._over("return", events)
        elif token == self._call and self._open.recipient:
            self._over("call", events)
        else:
            self._over("malformed", events)

    def _over(self, reason: EndReason, events: list[AnswerEvent]) -> None:
        self._place = _Place.OVER
        events.append(AnswerEnded(reason))


def _header(vocabulary: Vocabulary, header: list[int], channel_mark: int, constrain: int) -> MessageStarted | None:
    """What `assistant [to=TOOL]<|channel|>CHANNEL [to=TOOL] [<|constrain|>TYPE]` says; None where it is anything
    else.
    """
    if header.count(channel_mark) != 1:
        return None
    at = header.index(channel_mark)
    after = header[at + 1 :]
    if constrain in header[:at]:
        return None
    if constrain in after:  # what follows tells how the content is written, not where it goes
        after = after[: after.index(constrain)]
    role, *before_words = _words(vocabulary, header[:at]) or [""]
    name, *after_words = _words(vocabulary, after) or [""]
    channel = _CHANNELS.get(name)
    if role != "assistant" or channel is None:
        return None
    recipients = [word.removeprefix("to=") for word in before_words + after_words if word.startswith("to=")]
    if len(set(recipients)) > 1:
        return None
    return MessageStarted(channel, recipients[0] if recipients else "")


def _words(vocabulary: Vocabulary, ids: list[int]) -> list[str]:
    return vocabulary.decode(tuple(ids)).decode("utf-8", "replace").split()


def final_text(ids: Iterable[int], vocabulary: Vocabulary) -> str:
    """What a person reads of an answer: the joined text of its `final` messages, to the letter."""
    events = AnswerParser(vocabulary).feed(ids)
    return "".join(event.text for event in events if isinstance(event, TextDelta) and event.is_answer)
