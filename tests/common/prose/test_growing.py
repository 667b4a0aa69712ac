"""A text that grows shows the same however it arrives, draws nothing complete twice, and costs what it weighs."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.common.prose.markup import assert_harmless, parsed
from tests.common.prose.page import Page
from tests.common.prose.test_markdown import TEXTS
from workspace.common import prose
from workspace.common.prose.growing import SMALL, Added, GrowingProse, Redrawn

ANSWER = """\
Three suppliers were late:

- **Halvorsen**, 11 of 38
- Ohara, 4 times
  with a second line
- Meyer

| Firm | Late |
|---|--:|
| Halvorsen | 11 |
| Ohara | 4 |

So the share is

\\[ \\frac{11}{38} \\]

## How it was counted

```python
def late(receipts):
    # all of them

    return sum(r.late for r in receipts)
```

1. First
2. Second

   with a paragraph

> A quote
> of two lines

The end, with a [link](https://a.test).
"""
LINES = st.sampled_from(
    [*ANSWER.splitlines(keepends=True), "- x\n", "\n", "  y\n", "1. z\n", "    w\n", "---\n", "|a|\n"]
)
ANSWERS = st.one_of(TEXTS, st.lists(LINES, max_size=30).map("".join))


def cut(text: str, places: Iterable[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(edges)]


def shown(deltas: Iterable[str]) -> Page:
    """The page after it was told after each delta."""
    growing, page = GrowingProse(), Page()
    for delta in deltas:
        growing.feed(delta)
        page.do(growing.change())
    return page


@given(ANSWERS, st.lists(st.integers(0, 1_000), max_size=20))
def test_the_page_is_the_same_however_the_text_was_cut(text: str, places: list[int]) -> None:
    once, often = shown([text]), shown(cut(text, places))

    assert often.html == once.html
    assert often.complete == once.complete


@given(ANSWERS, st.integers(0, 1_000), st.lists(st.integers(0, 1_000), max_size=8))
def test_a_reader_who_comes_back_gets_what_follows(text: str, seen: int, places: list[int]) -> None:
    before, behind = text[: seen % (len(text) + 1)], text[seen % (len(text) + 1) :]
    page = shown([before])
    again = GrowingProse()
    again.feed(before)
    again.pass_over()

    first = True
    for delta in cut(behind, places):
        again.feed(delta)
        change = again.change()
        assert not (first and change) or (isinstance(change, Redrawn) and change.place == "body")
        first &= change is None
        page.do(change)

    if behind and not first:
        assert page.html == shown([before, behind]).html


@given(ANSWERS)
def test_every_fragment_is_harmless(text: str) -> None:
    growing = GrowingProse()
    for delta in cut(text, range(0, len(text), 3)):
        growing.feed(delta)
        change = growing.change()
        if isinstance(change, Redrawn):
            assert_harmless(change.html)


def test_what_is_drawn_bit_by_bit_is_the_answer_as_it_is_drawn_at_once() -> None:
    page = shown(cut(ANSWER + "\n", range(0, len(ANSWER), 2)))

    assert page.html.replace("\n", "") == parsed(prose.rendered(ANSWER)).html.replace("\n", "")


def changes(*deltas: str) -> Iterator[Redrawn | Added | None]:
    growing = GrowingProse()
    for delta in deltas:
        growing.feed(delta)
        yield growing.change()


def test_an_open_fence_grows_by_its_text_and_is_coloured_when_it_closes() -> None:
    first, second, held, end = changes("```py\nx = 1", "\ny = '\u202e'\n", "``", "`\n")

    assert isinstance(first, Redrawn)
    assert parsed(first.html).first("code").attributes == {"data-open": ""}
    assert second == Added("\ny = '[U+202E]'\n")
    assert held is None, "it may be the end of the fence"
    assert isinstance(end, Redrawn)
    assert (end.place, end.start, end.closed) == ("body", 0, 1)
    assert [node.attributes["class"] for node in parsed(end.html).first("code").elements] == ["m", "s"]


def test_an_open_list_grows_by_its_items_and_an_open_table_by_its_rows() -> None:
    *_, item, _ = changes("- a\n", "- b\n", "- c\n- d", "\n")
    *_, row = changes("|a|\n|-|\n", "|1|\n", "|2|\n")

    assert isinstance(item, Redrawn)
    assert isinstance(row, Redrawn)
    assert (item.place, item.start, item.closed) == ("open", 1, 2)
    assert (row.place, row.start, row.closed) == ("open", 1, 2)
    assert [node.tag for node in parsed(row.html).elements] == ["tr"]


def test_signs_that_may_come_to_mean_something_else_are_not_shown_yet() -> None:
    for start in ("#", "-", "**", "```", "1.", "|", "> ", "$$"):
        growing = GrowingProse()
        growing.feed(f"Words\n{start}")
        change = growing.change()

        assert isinstance(change, Redrawn)
        assert parsed(change.html).text.strip() == "Words"


def test_nothing_is_told_where_nothing_new_is_to_be_seen() -> None:
    first, *others = changes("Words", "\n", "\n", "\n")

    assert first is not None
    assert isinstance(others[1], Redrawn)
    assert (others[0], others[2]) == (None, None)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the sources that the parser reads."""
    lengths: list[int] = []
    parse = MarkdownIt.parse

    def counted(self: MarkdownIt, src: str, env: dict[str, object] | None = None) -> object:
        lengths.append(len(src))
        return parse(self, src, env)

    monkeypatch.setattr(MarkdownIt, "parse", counted)
    return lengths


@pytest.mark.parametrize(
    "unit",
    [
        ANSWER + "\n",
        "- an item of a list that does not end\n",
        "| a | row | of | a | table |\n",
        "A paragraph without an end goes on, ",
        "a line of one\n",
        "> a quote that goes on\n",
        "- an item\n\n",
        "    indented\n",
        "- ```\n  code in an item\n",
    ],
)
def test_all_work_together_is_linear_in_the_text(unit: str, read: list[int]) -> None:
    """In pieces of two characters, told ten times a second at 100 tokens a second: after 20 pieces."""
    costs = []
    for size in (25_000, 50_000):
        text = ("|a|b|c|d|e|\n|-|-|-|-|-|\n" if unit[0] == "|" else "") + unit * (size // len(unit) + 1)
        growing = GrowingProse()
        read.clear()
        for n, start in enumerate(range(0, size, 2)):
            growing.feed(text[start : start + 2])
            if n % 20 == 0 and growing.is_due:
                growing.change()
        costs.append(sum(read))

    assert costs[1] <= 2.4 * costs[0] + 1_000
    assert costs[1] <= 30 * 50_000


def test_an_open_fence_is_not_read_again_at_all(read: list[int]) -> None:
    growing = GrowingProse()
    growing.feed("```py\n")
    growing.change()
    read.clear()
    for _ in range(5_000):
        growing.feed("x = 1\n")
        growing.change()

    assert read == []


def test_a_large_tail_waits_until_it_has_grown_by_its_share() -> None:
    growing = GrowingProse()
    growing.feed("word " * SMALL)
    growing.change()
    growing.feed("more")
    was_due = growing.is_due
    growing.feed(" words" * SMALL)

    assert (was_due, growing.is_due) == (False, True)
