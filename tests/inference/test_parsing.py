from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.parsing import (
    AnswerEnded,
    AnswerEvent,
    AnswerParser,
    MessageEnded,
    MessageStarted,
    TextDelta,
    final_text,
)
from inference.rendering import render_answer_start
from inference.vocabulary import HARMONY_SPECIALS, Vocabulary, o200k_harmony

NAMES = "analysis", "commentary", "final", "assistant", "user", " to=functions.x", "json", "secret", "光", "🏛️"


def ids_of(vocabulary: Vocabulary, *parts: str) -> tuple[int, ...]:
    """Ids of parts that are each either one control token or plain text."""
    ids: list[int] = []
    for part in parts:
        ids.extend([vocabulary.special(part)] if part in HARMONY_SPECIALS else vocabulary.encode(part))
    return tuple(ids)


def parsed(vocabulary: Vocabulary, *parts: str) -> list[AnswerEvent]:
    return AnswerParser(vocabulary).feed(ids_of(vocabulary, *parts))


THOUGHT = ("<|channel|>", "analysis", "<|message|>", "thinking", "<|end|>", "<|start|>", "assistant")
SAID = ("<|channel|>", "final", "<|message|>", "Hello 光", "<|return|>")
CALLED = ("<|channel|>", "commentary to=functions.x ", "<|constrain|>", "json", "<|message|>", "{}", "<|call|>")

HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(HARMONY_SPECIALS).map(lambda name: ids_of(o200k_harmony(), name)),
        st.sampled_from(NAMES).map(lambda name: ids_of(o200k_harmony(), name)),
        st.integers(-5, 201_100).map(lambda token: (token,)),
        st.just(ids_of(o200k_harmony(), *SAID)),
        st.just(ids_of(o200k_harmony(), *THOUGHT)),
    )
).map(lambda parts: [token for part in parts for token in part])


def test_an_answer_is_a_thought_and_what_is_said(vocabulary: Vocabulary) -> None:
    assert parsed(vocabulary, *THOUGHT, *SAID) == [
        MessageStarted("analysis"),
        TextDelta("analysis", "thinking"),
        MessageEnded("analysis"),
        MessageStarted("final"),
        TextDelta("final", "Hello 光"),
        MessageEnded("final"),
        AnswerEnded("return"),
    ]


@pytest.mark.parametrize(
    "header",
    [("<|channel|>", "commentary to=functions.x "), (" to=functions.x", "<|channel|>", "commentary ")],
    ids=["in the channel", "in the role"],
)
def test_a_tool_call_names_its_tool_in_either_place(vocabulary: Vocabulary, header: tuple[str, ...]) -> None:
    events = parsed(vocabulary, *header, "<|constrain|>", "json", "<|message|>", "{}", "<|call|>")

    assert events == [
        MessageStarted("commentary", "functions.x"),
        TextDelta("commentary", "{}", "functions.x"),
        MessageEnded("commentary", "functions.x"),
        AnswerEnded("call"),
    ]


def test_a_control_token_inside_content_ends_the_message(vocabulary: Vocabulary) -> None:
    """The reference parser gives all of this as final content."""
    parts = ("<|channel|>", "final", "<|message|>", "ok", "<|channel|>", "analysis", "<|message|>", "secret")

    assert final_text(ids_of(vocabulary, *parts), vocabulary) == "ok"
    assert parsed(vocabulary, *parts)[-2:] == [MessageEnded("final"), AnswerEnded("malformed")]


def test_a_message_that_forgot_its_end_is_ended_by_the_next(vocabulary: Vocabulary) -> None:
    parts = ("<|channel|>", "analysis", "<|message|>", "thinking", "<|start|>", "assistant", *SAID)

    assert final_text(ids_of(vocabulary, *parts), vocabulary) == "Hello 光"


@pytest.mark.parametrize(
    "parts",
    [
        ("secret", "<|message|>", "secret"),
        ("<|message|>", "secret"),
        ("<|channel|>", "<|message|>", "secret"),
        ("<|channel|>", "finale", "<|message|>", "secret"),
        ("<|channel|>", "final", "<|channel|>", "analysis", "<|message|>", "secret"),
        ("<|channel|>", "analysis", "<|channel|>", "final", "<|message|>", "secret"),
        ("<|constrain|>", "<|channel|>", "final", "<|message|>", "secret"),
        ("<|channel|>", "final", "<|end|>", "secret"),
        ("<|channel|>", "final to=a to=b", "<|message|>", "secret"),
        (*THOUGHT[:-1], "user", "<|channel|>", "final", "<|message|>", "secret"),
        (*THOUGHT[:-2], "secret"),
        ("<|channel|>", "final " * 300, "<|message|>", "secret"),
    ],
)
def test_what_is_no_harmony_is_never_shown(vocabulary: Vocabulary, parts: tuple[str, ...]) -> None:
    assert final_text(ids_of(vocabulary, *parts), vocabulary) == ""
    assert parsed(vocabulary, *parts)[-1] == AnswerEnded("malformed")


def test_a_final_message_to_a_tool_is_not_shown(vocabulary: Vocabulary) -> None:
    ids = ids_of(vocabulary, "<|channel|>", "final to=functions.x", "<|message|>", "secret", "<|return|>")

    assert final_text(ids, vocabulary) == ""


def test_a_call_without_a_tool_is_malformed(vocabulary: Vocabulary) -> None:
    events = parsed(vocabulary, "<|channel|>", "commentary", "<|message|>", "{}", "<|call|>")

    assert events[-1] == AnswerEnded("malformed")


def test_text_comes_in_whole_characters_only(vocabulary: Vocabulary) -> None:
    head, text = ids_of(vocabulary, *SAID[:3]), "差し込む 🏛️ 𠮷野家 👩🏽‍🚀 naïve"
    parser = AnswerParser(vocabulary)
    parser.feed(head)

    deltas = [event for token in vocabulary.encode(text) for event in parser.feed((token,))]

    assert "".join(event.text for event in deltas if isinstance(event, TextDelta)) == text
    assert not any("\ufffd" in event.text for event in deltas if isinstance(event, TextDelta))


def test_a_character_that_never_becomes_whole_is_replaced_at_the_end(vocabulary: Vocabulary) -> None:
    half = vocabulary.encode("鬱")[:1]
    ids = (*ids_of(vocabulary, *SAID[:3]), *half, vocabulary.special("<|return|>"))

    assert final_text(ids, vocabulary) == "\ufffd"


def joined(events: list[AnswerEvent]) -> list[AnswerEvent]:
    """The events with neighbouring text made one."""
    whole: list[AnswerEvent] = []
    for event in events:
        last = whole[-1] if whole else None
        if isinstance(event, TextDelta) and isinstance(last, TextDelta):
            whole[-1] = TextDelta(last.channel, last.text + event.text, last.recipient)
        else:
            whole.append(event)
    return whole


@given(HOSTILE, st.lists(st.integers(0, 300)))
def test_any_cut_of_any_ids_gives_the_same_events(ids: list[int], places: list[int]) -> None:
    vocabulary = o200k_harmony()
    edges = [0, *sorted(place % (len(ids) + 1) for place in places), len(ids)]
    parser = AnswerParser(vocabulary)

    pieces = [parser.feed(ids[begin:end]) for begin, end in pairwise(edges)]

    assert joined([event for piece in pieces for event in piece]) == joined(AnswerParser(vocabulary).feed(ids))


@given(HOSTILE)
def test_whatever_comes_only_the_content_of_final_messages_is_shown(ids: list[int]) -> None:
    """Told in other words than the parser's: cut the ids at control tokens and look at what stands around each text."""
    vocabulary = o200k_harmony()
    runs, run = [], list[int]()
    for token in [*render_answer_start(vocabulary), *ids]:
        if vocabulary.is_special(token):
            runs.append((run, token))
            run = []
        else:
            run.append(token)
    runs.append((run, -1))
    shown = [
        vocabulary.decode(tuple(runs[at + 1][0])).decode("utf-8", "replace")
        for at, (words, token) in enumerate(runs[:-1])
        if token == vocabulary.special("<|message|>") and b"final" in vocabulary.decode(tuple(words or runs[at - 1][0]))
    ]

    text = final_text(ids, vocabulary)

    assert "".join(shown).startswith(text)


@given(HOSTILE)
def test_events_keep_their_order_whatever_comes(ids: list[int]) -> None:
    open_message, over = False, False
    for event in AnswerParser(o200k_harmony()).feed(ids):
        assert not over
        if isinstance(event, MessageStarted):
            assert not open_message
            open_message = True
        elif isinstance(event, TextDelta):
            assert open_message
            assert event.text
        elif isinstance(event, MessageEnded):
            open_message = False
        else:
            over = True
