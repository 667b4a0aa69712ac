"""What a run has written, as a machine without input or output: ids in, journal rows and public events out.

It is rebuilt from the journal by any runner at any row and goes on from there. Nothing here waits or fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inference.contracts import FinishReason, Tokens
from inference.parsing import AnswerEvent, AnswerParser, MessageEnded, MessageStarted, TextDelta, final_text
from inference.vocabulary import CHANNEL, MESSAGE, Vocabulary
from workspace.runs.contracts import Event, EventType
from workspace.runs.filters import Identity, OutputFilter
from workspace.runs.records import Ended, Leg, Record


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal, open. Its events follow each other; it may have none."""

    ordinal: int
    records: Sequence[Record]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Written:
    """The ids of an answer in one vocabulary."""

    ids: tuple[int, ...]
    fingerprint: str


class Transcript:
    """`prefix` is the text that stood there before the run. Counts: `sequence` of public events, `ordinal` of rows that
    were taken, `generated` of ids that this run's legs wrote.
    """

    def __init__(self, prefix: str = "", make_filter: Callable[[], OutputFilter] = Identity) -> None:
        self.prefix = prefix
        self.sequence = self.ordinal = self.generated = 0
        self.leg: Leg | None = None
        self.ended: Ended | None = None
        # The row in which the model's first ids stand.
        self.first_tokens: int | None = None
        self._make_filter = make_filter
        self._filter = make_filter()
        self._ids: list[int] = []
        self._parser: AnswerParser | None = None
        self._texts: list[str] = []
        self._length = len(prefix)
        self._is_reasoning = self._has_answer = False
        self._records: list[Record] = []
        self._events: list[Event] = []

    @property
    def text(self) -> str:
        """All that the subject shall hold: the prefix and what was released."""
        return self.prefix + "".join(self._texts)

    @property
    def has_text(self) -> bool:
        """Whether the run has released any text."""
        return bool(self._texts)

    @property
    def written(self) -> Written | None:
        """The ids so far, those of a continued answer included; None before the first leg."""
        return None if self.leg is None else Written(tuple(self._ids), self.leg.fingerprint)

    @property
    def is_over(self) -> bool:
        """Whether the model has ended its answer."""
        return self._parser is not None and self._parser.is_over

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to take."""
        return bool(self._records or self._events)

    def restore(self, entry: Entry) -> None:
        """Takes in a committed row. Rows come in order, before anything else."""
        self.ordinal = entry.ordinal
        for record in entry.records:
            self._recall(record, entry.ordinal)
        for event in entry.events:
            self.sequence = event.sequence
            if event.type == "text":
                self._texts.append(event.data["delta"])
                self._length += len(event.data["delta"])
            elif event.type == "reasoning":
                self._is_reasoning = event.data["state"] == "started"

    def skip(self, ordinal: int, sequence: int) -> None:
        """Counts on behind committed rows that cannot be read."""
        self.ordinal, self.sequence = ordinal, sequence

    def begin(self, leg: Leg, vocabulary: Vocabulary, continued: Written | None = None) -> tuple[int, ...]:
        """Starts a leg on an engine with this vocabulary; gives the ids that follow the prompt.

        What was written in the same vocabulary goes on id by id. `continued` is the earlier run's answer, which a first
        leg goes on with when it says what the prefix says. Else the text itself is written again, in an open `final`
        message; an analysis without any text begins anew. The test model is begun in a `final` message.
        """
        carried = self._carried(vocabulary, continued)
        if carried is not None or self._parser is None:
            self._ids = list(self._ids if carried is None else carried)
            self._reread(vocabulary)
        self.leg = replace(leg, carried=carried)
        self._records.append(self.leg)
        return tuple(self._ids)

    def feed(self, tokens: Tokens) -> None:
        """Takes the next ids of the leg."""
        if self.first_tokens is None:
            self.first_tokens = self.ordinal + 1
        self._ids.extend(tokens.ids)
        self.generated += len(tokens.ids)
        self._records.append(tokens)
        if self._parser is not None:
            for event in self._parser.feed(tokens.ids):
                self._follow(event)

    def end(self, reason: FinishReason, cached_tokens: int = 0) -> None:
        """The answer has come to its end: what the filter still holds back is decided."""
        self._show(self._filter.rest())
        self._reason(False)
        self.ended = Ended(reason, self._has_answer, cached_tokens)
        self._records.append(self.ended)

    def say(self, kind: EventType, data: Mapping[str, Any]) -> None:
        """Releases an event."""
        self.sequence += 1
        self._events.append(Event(self.sequence, kind, data))

    def take(self) -> Entry | None:
        """What was added since the last time, as the next row; None when nothing was."""
        if not self.is_dirty:
            return None
        self.ordinal += 1
        entry = Entry(self.ordinal, _joined(self._records), self._events)
        self._records, self._events = [], []
        return entry

    def closing(self, kind: EventType, data: Mapping[str, Any]) -> Entry:
        """The row of the final event, which changes nothing here: its transaction may have to be tried again."""
        return Entry(self.ordinal + 1, [], [Event(self.sequence + 1, kind, data)])

    def _recall(self, record: Record, ordinal: int) -> None:
        match record:
            case Leg(carried=carried):
                self.leg = record
                self._ids = self._ids if carried is None else list(carried)
            case Tokens(ids):
                self._ids.extend(ids)
                self.generated += len(ids)
                self.first_tokens = self.first_tokens or ordinal
            case Ended():
                self.ended = record

    def _carried(self, vocabulary: Vocabulary, continued: Written | None) -> tuple[int, ...] | None:
        if self.leg is not None and self.leg.fingerprint == vocabulary.fingerprint:
            return None
        if self.leg is None and continued is not None and _says(continued, self.prefix, vocabulary):
            return continued.ids
        # Left to itself, the test model ends every second answer without a `final` message.
        if self.text or (self.leg is None and vocabulary.is_test_models):
            header = (vocabulary.special(CHANNEL), *vocabulary.encode("final"), vocabulary.special(MESSAGE))
            return header + vocabulary.encode(self.text)
        return None if self.leg is None else ()

    def _reread(self, vocabulary: Vocabulary) -> None:
        """Makes parser and filter stand where the ids end. What was not said of it yet is said now."""
        self._parser, self._filter = AnswerParser(vocabulary), self._make_filter()
        text, is_reasoning = "", False
        for event in self._parser.feed(self._ids):
            match event:
                case TextDelta() if event.is_answer:
                    text += event.text
                case MessageStarted(channel="final", recipient=""):
                    self._has_answer, is_reasoning = True, False
                case MessageStarted(channel="analysis") | MessageEnded(channel="analysis"):
                    is_reasoning = isinstance(event, MessageStarted)
        self._reason(is_reasoning)
        self._show(self._filter.feed(text)[self._length :])

    def _follow(self, event: AnswerEvent) -> None:
        match event:
            case MessageStarted(channel="final", recipient=""):
                self._has_answer = True
                self._reason(False)
            case MessageStarted(channel="analysis"):
                self._reason(True)
            case MessageEnded(channel="analysis"):
                self._reason(False)
            case TextDelta() if event.is_answer:
                self._show(self._filter.feed(event.text))

    def _reason(self, is_on: bool) -> None:
        if is_on != self._is_reasoning:
            self._is_reasoning = is_on
            self.say("reasoning", {"state": "started" if is_on else "ended"})

    def _show(self, text: str) -> None:
        if not text:
            return
        self._texts.append(text)
        if self._events and self._events[-1].type == "text":
            last = self._events[-1]
            merged = {"delta": last.data["delta"] + text, "at": last.data["at"]}
            self._events[-1] = Event(last.sequence, "text", merged)
        else:
            self.say("text", {"delta": text, "at": self._length})
        self._length += len(text)


def _says(written: Written, text: str, vocabulary: Vocabulary) -> bool:
    """Whether an open answer says this text, in this vocabulary."""
    if written.fingerprint != vocabulary.fingerprint:
        return False
    parser = AnswerParser(vocabulary)
    parser.feed(written.ids)
    return not parser.is_over and final_text(written.ids, vocabulary) == text


def _joined(records: Sequence[Record]) -> list[Record]:
    """Ids that came one by one become one item."""
    joined: list[Record] = []
    for record in records:
        last = joined[-1] if joined else None
        if isinstance(record, Tokens) and isinstance(last, Tokens) and record.rebuilt == last.rebuilt:
            joined[-1] = Tokens(last.ids + record.ids, record.rebuilt)
        else:
            joined.append(record)
    return joined
