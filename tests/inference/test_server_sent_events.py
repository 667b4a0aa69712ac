import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.server_sent_events import EventSplitter, EventTooLong

EVENTS = [b"one", b"two\nlines", b"", "光".encode(), b'{"a":1}']
LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(edges)]


def split(chunks: list[bytes]) -> list[bytes]:
    splitter = EventSplitter()
    return [event for chunk in chunks for event in splitter.feed(chunk)]


@given(
    st.lists(st.sampled_from([b"data", b"data:x", b"data: y", b":", b": note", b"id: 1", b"event: a", b"", b"\xff"])),
    LINE_ENDS,
    st.lists(st.integers(0, 200)),
)
def test_any_chunking_gives_the_same_events(lines: list[bytes], line_end: bytes, places: list[int]) -> None:
    stream = line_end.join(lines) + line_end * 2 + b"data: last" + line_end * 2 + b"data: more"

    assert split(cut(stream, places)) == split([stream])


@given(LINE_ENDS, st.lists(st.integers(0, 200)))
def test_written_events_are_read_back(line_end: bytes, places: list[int]) -> None:
    lines = [[b"data: " + line for line in event.split(b"\n")] for event in EVENTS]
    stream = b"".join(line_end.join(event) + line_end * 2 for event in lines) + b":"

    assert split(cut(stream, places)) == EVENTS


def test_comments_and_other_fields_are_dropped() -> None:
    assert split([b": hello\n\nevent: x\nid: 3\nretry: 5\ndata: kept\n\n"]) == [b"kept"]


def test_an_unfinished_event_is_not_given() -> None:
    assert split([b"data: whole\n\ndata: half\n"]) == [b"whole"]


@pytest.mark.parametrize("chunk", [b"x" * 40, b"data: xxxxxxxxxxxx\n"])
def test_an_event_without_end_is_refused(chunk: bytes) -> None:
    splitter = EventSplitter(limit=100)
    splitter.feed(chunk)
    splitter.feed(chunk)

    with pytest.raises(EventTooLong):
        splitter.feed(chunk * 10)


def test_a_long_line_costs_the_same_in_however_many_pieces() -> None:
    pieces, splitter = [b"data: ", *[b"x" * 80] * 100_000, b"\n", b"\n"], EventSplitter()
    began = time.process_time()

    assert [len(event) for piece in pieces for event in splitter.feed(piece)] == [8_000_000]
    assert time.process_time() - began < 1
