"""Whatever was committed, another runner goes on from there; what was released stays as it was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contracts import Tokens
from inference.parsing import final_text
from inference.vocabulary import (
    CALL,
    CHANNEL,
    END,
    MESSAGE,
    RETURN,
    START,
    Vocabulary,
    o200k_harmony,
)
from tests.fakes.answers import Script, Writer
from tests.inference.conftest import nano_vocabulary
from workspace.runs import records
from workspace.runs.contracts import Event
from workspace.runs.records import Ended, Leg
from workspace.runs.transcript import Entry, Transcript, Written

HARMONY = o200k_harmony()
PROMPT = [HARMONY.special(START), *HARMONY.encode("assistant")]


def answer_of(tokens: int = 40, analysis: int = 8) -> tuple[int, ...]:
    return Writer(Script(tokens, analysis)).answer(PROMPT).whole


ANSWER = answer_of()
SAID = final_text(ANSWER, HARMONY)


def leg(vocabulary: Vocabulary = HARMONY, engine: str = "engine-1") -> Leg:
    return Leg(engine, "model", "only_engine", vocabulary.fingerprint, len(PROMPT))


@dataclass
class Journal:
    """What would be committed."""

    entries: list[Entry]

    def keep(self, transcript: Transcript) -> None:
        if (entry := transcript.take()) is not None:
            self.entries.append(entry)

    @property
    def events(self) -> list[Event]:
        return [event for entry in self.entries for event in entry.events]

    @property
    def text(self) -> str:
        return "".join(event.data["delta"] for event in self.events if event.type == "text")

    def reopened(self, prefix: str = "") -> Transcript:
        transcript = Transcript(prefix)
        for entry in self.entries:
            plain = records.encoded(entry.records)
            transcript.restore(Entry(entry.ordinal, records.decoded(plain), entry.events))
        return transcript


def written(pieces: Iterable[Sequence[int]], transcript: Transcript | None = None) -> tuple[Journal, Transcript]:
    """One row for each piece."""
    transcript, journal = transcript or Transcript(), Journal([])
    if not transcript.sequence:
        transcript.say("started", {})
    transcript.begin(leg(), HARMONY)
    journal.keep(transcript)
    for piece in pieces:
        transcript.feed(Tokens(tuple(piece)))
        journal.keep(transcript)
    return journal, transcript


def check(journal: Journal) -> None:
    """The public side is gapless, its offsets fit, and reasoning begins and ends in turn."""
    events = journal.events
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    at = None
    for event in events:
        if event.type == "text":
            assert at is None or event.data["at"] == at
            at = event.data["at"] + len(event.data["delta"])
    states = [event.data["state"] for event in events if event.type == "reasoning"]
    assert states == (["started", "ended"] * len(states))[: len(states)]


def test_the_released_text_is_the_answer_and_nothing_of_its_analysis() -> None:
    journal, transcript = written([token] for token in ANSWER)

    assert transcript.is_over
    assert journal.text == transcript.text == SAID
    check(journal)


def test_the_test_model_is_begun_in_its_answer_and_another_model_is_not() -> None:
    other, transcript = nano_vocabulary(), Transcript()

    header = transcript.begin(leg(other), other)
    transcript.feed(Tokens(other.encode("Light")))

    assert final_text(header + other.encode("Light"), other) == transcript.text == "Light"
    assert Transcript().begin(leg(), HARMONY) == ()


def test_an_analysis_that_is_cut_by_length_has_an_end() -> None:
    journal, transcript = written([ANSWER[:6]])
    transcript.end("length")
    journal.keep(transcript)

    assert [event.data["state"] for event in journal.events if event.type == "reasoning"] == ["started", "ended"]


@pytest.mark.parametrize("size", [1, 3])
def test_from_every_cut_another_runner_goes_on_exactly(size: int) -> None:
    for cut in range(0, len(ANSWER), size):
        journal, _ = written(ANSWER[i : i + size] for i in range(0, cut, size))
        before = list(journal.events)

        taken_over = journal.reopened()
        taken_over.say("resumed", {"reason": "runner_replaced"})
        following = taken_over.begin(leg(engine="engine-2"), HARMONY)
        journal.keep(taken_over)
        taken_over.feed(Tokens(ANSWER[cut:]))
        taken_over.end("stop")
        journal.keep(taken_over)

        assert following == ANSWER[:cut]
        assert journal.events[: len(before)] == before
        assert journal.text == taken_over.text == SAID
        assert taken_over.generated == len(ANSWER)
        assert taken_over.ended == Ended("stop", True)
        check(journal)


def test_from_every_cut_another_vocabulary_goes_on_from_the_text() -> None:
    other = nano_vocabulary()
    whole = _in(other, "the rest")
    for cut in range(len(ANSWER)):
        journal, _ = written([ANSWER[:cut]])

        taken_over = journal.reopened()
        released = taken_over.text
        following = taken_over.begin(leg(other), other)
        journal.keep(taken_over)

        assert final_text(following, other) == released
        assert bool(following) == bool(released)
        taken_over.feed(Tokens(_rest(other, whole, bool(released))))
        journal.keep(taken_over)
        assert taken_over.is_over
        assert journal.text == taken_over.text == released + "the rest"
        check(journal)


def _in(vocabulary: Vocabulary, text: str) -> tuple[int, ...]:
    header = (vocabulary.special(CHANNEL), *vocabulary.encode("final"), vocabulary.special(MESSAGE))
    return (*header, *vocabulary.encode(text), vocabulary.special(RETURN))


def _rest(vocabulary: Vocabulary, whole: tuple[int, ...], is_open: bool) -> tuple[int, ...]:
    return whole[whole.index(vocabulary.special(MESSAGE)) + 1 :] if is_open else whole


def test_a_second_takeover_reads_the_ids_of_the_vocabulary_that_wrote_last() -> None:
    other = nano_vocabulary()
    journal, _ = written([ANSWER[:30]])
    second = journal.reopened()
    carried = second.begin(leg(other), other)
    second.feed(Tokens(other.encode(" and")))
    journal.keep(second)

    third = journal.reopened()

    assert third.begin(leg(other), other) == carried + other.encode(" and")


def test_a_continued_answer_goes_on_from_the_ids_that_are_kept_at_every_cut() -> None:
    for cut in range(len(ANSWER)):
        journal, earlier = written([ANSWER[:cut]])
        prefix = journal.text

        following = Transcript(prefix)
        ids = following.begin(leg(), HARMONY, earlier.written)
        more = Journal([])
        following.feed(Tokens(ANSWER[cut:]))
        more.keep(following)

        assert ids == ANSWER[:cut]
        assert following.text == prefix + more.text == SAID
        assert following.generated == len(ANSWER) - cut
        texts = [event for event in more.events if event.type == "text"]
        assert [event.data["at"] for event in texts[:1]] in ([], [len(prefix)])
        check(more)
        again = more.reopened(prefix)
        assert again.begin(leg(), HARMONY) == ANSWER
        assert again.text == SAID


def test_a_continued_answer_whose_ids_are_gone_goes_on_from_its_text() -> None:
    following = Transcript("Two words")

    ids = following.begin(leg(), HARMONY, None)
    following.feed(Tokens((*HARMONY.encode(" more"), HARMONY.special(RETURN))))

    assert final_text(ids, HARMONY) == "Two words"
    assert following.text == "Two words more"
    [entry] = [following.take()]
    assert entry is not None
    assert [e.data for e in entry.events if e.type == "text"] == [{"delta": " more", "at": 9}]


def test_ids_that_do_not_say_the_prefix_are_not_used() -> None:
    _, earlier = written([ANSWER[:30]])
    following = Transcript("Something else")

    ids = following.begin(leg(), HARMONY, earlier.written)

    assert final_text(ids, HARMONY) == "Something else"


def test_ids_of_an_answer_that_is_over_are_not_gone_on_with() -> None:
    following = Transcript(SAID)

    ids = following.begin(leg(), HARMONY, Written(ANSWER, HARMONY.fingerprint))

    assert ids[-1] != HARMONY.special(RETURN)


class Cautious:
    """Holds back the last four characters."""

    def __init__(self) -> None:
        self.held = ""

    def feed(self, text: str) -> str:
        self.held += text
        free, self.held = self.held[:-4], self.held[-4:]
        return free

    def rest(self) -> str:
        free, self.held = self.held, ""
        return free


def test_a_filter_that_holds_back_is_rebuilt_by_a_takeover_at_every_cut() -> None:
    for cut in range(len(ANSWER)):
        journal, _ = written([[token] for token in ANSWER[:cut]], Transcript(make_filter=Cautious))
        released = journal.text

        taken_over = Transcript(make_filter=Cautious)
        for entry in journal.entries:
            taken_over.restore(entry)
        taken_over.begin(leg(), HARMONY)
        taken_over.feed(Tokens(ANSWER[cut:]))
        taken_over.end("stop")
        journal.keep(taken_over)

        assert final_text(ANSWER[:cut], HARMONY)[:-4] == released
        assert journal.text == SAID


def test_an_end_is_known_to_whoever_takes_over() -> None:
    journal, transcript = written([ANSWER])
    transcript.end("stop", 7)
    journal.keep(transcript)

    assert journal.reopened().ended == Ended("stop", True, 7)


def test_the_row_of_the_first_tokens_is_known_to_whoever_takes_over() -> None:
    journal, transcript = written([[token] for token in ANSWER[:5]])

    assert transcript.first_tokens == journal.reopened().first_tokens == 2


def test_a_closing_row_changes_nothing() -> None:
    _, transcript = written([ANSWER])

    once, twice = (transcript.closing("done", {}) for _ in range(2))

    assert once == twice
    assert once.events[0].sequence == transcript.sequence + 1


SPECIALS = [HARMONY.special(name) for name in (START, END, MESSAGE, CHANNEL, RETURN, CALL)]
ANY_IDS = st.lists(
    st.sampled_from(SPECIALS) | st.integers(0, 199_997) | st.sampled_from(HARMONY.encode("assistant final analysis")),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(ids=ANY_IDS, cut=st.integers(0, 40))
def test_hostile_ids_are_taken_over_alike(ids: list[int], cut: int) -> None:
    whole, transcript = written([ids])
    journal, _ = written([ids[:cut]])

    taken_over = journal.reopened()
    taken_over.begin(leg(), HARMONY)
    taken_over.feed(Tokens(tuple(ids[cut:])) if ids[cut:] else Tokens(()))
    journal.keep(taken_over)

    assert journal.text == whole.text
    assert taken_over.is_over == transcript.is_over
    check(journal)
