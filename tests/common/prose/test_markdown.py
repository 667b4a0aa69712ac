"""The blocks of a text: what CommonMark makes of it, and what a page needs besides."""

import itertools

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.common.prose.corpus import SECTIONS
from tests.common.prose.markup import assert_harmless, parsed, undressed
from workspace.common import prose
from workspace.common.prose import markdown
from workspace.common.prose.outline import Outline

EXAMPLES = [pytest.param(*pair, id=f"{name}-{n}") for name, pairs in SECTIONS.items() for n, pair in enumerate(pairs)]
SIGNS = st.sampled_from([*"*_`~#>-+=|[]()!<\\$\n\n \t1.):/&;'\"", "http://", "](", "```", "- ", "> ", "\\(", "$$"])
TEXTS = st.lists(st.one_of(SIGNS, st.text(max_size=4)), max_size=60).map("".join)


@pytest.mark.parametrize("text, html", EXAMPLES)
def test_an_example_renders_as_common_mark_has_it(text: str, html: str) -> None:
    assert undressed(prose.rendered(text)) == html


@given(TEXTS)
def test_any_text_becomes_harmless_elements(text: str) -> None:
    tree = assert_harmless(prose.rendered(text))

    assert all(not isinstance(child, str) for child in tree.children), "nothing stands between the elements"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_no_level_of_headings_is_skipped(levels: list[int]) -> None:
    tree = parsed(prose.rendered("\n".join(f"{'#' * level} Heading" for level in levels)))

    shown = [int(node.tag[1]) for node in tree.all("h2", "h3", "h4", "h5", "h6")]

    assert len(shown) == len(levels)
    assert shown[0] == 2
    assert all(after <= before + 1 for before, after in itertools.pairwise(shown))


def test_a_table_scrolls_in_a_group_that_is_named_after_its_columns() -> None:
    tree = parsed(prose.rendered("| Firm | Late | Share |\n|---|--:|:-:|\n| Ohara | 4 | 9 % |"))

    [region] = tree.elements
    assert (region.tag, region.attributes["class"], region.attributes["tabindex"]) == ("div", "scroll-x", "0")
    assert (region.attributes["role"], region.attributes["aria-label"]) == ("group", "Table: Firm, Late, Share")
    assert [node.attributes.get("class") for node in tree.all("td")] == [None, "number", "centre"]


def test_every_block_finds_its_own_direction() -> None:
    tree = parsed(prose.rendered("# ברוך\n\nשלום\n\n- a\n\n> b\n\n|c|\n|-|\n|d|"))

    directed = {node.tag for node in tree.all() if node.attributes.get("dir") == "auto"}
    assert directed == {"h2", "p", "li", "blockquote", "th", "td"}


@pytest.mark.parametrize("opening", [">", "> ", "- ", "1. ", "* "])
def test_what_lies_deeper_than_anybody_writes_is_shown_as_it_was_written(opening: str) -> None:
    tree = assert_harmless(prose.rendered(opening * 1_000 + "the end"))

    assert tree.text.rstrip().endswith("the end")
    assert sum(1 for _ in tree.all("blockquote", "ul", "ol")) <= markdown.DEEPEST


def test_a_paragraph_out_of_all_proportion_is_text() -> None:
    long = "*a* " * (markdown.LONGEST_PARAGRAPH // 4 + 1)
    brackets = "[a] " * (markdown.MOST_BRACKETS + 1)

    for text in (long, brackets):
        tree = parsed(prose.rendered(text))
        assert tree.text == text.rstrip()
        assert not list(tree.all("em"))


def test_the_words_around_the_text_are_those_of_the_reader() -> None:
    text = "```py\nx\n```\n\n|a|\n|-|\n\n$$x$$"

    with translation.override("ja"):
        japanese = prose.rendered(text)

    assert "Copy" in prose.rendered(text)
    assert "Copy" not in japanese
    assert [node.attributes["aria-label"] for node in parsed(japanese).all("div")] == ["表：a", "数式"]


def test_items_and_rows_stand_for_themselves() -> None:
    outline = Outline()

    assert [undressed(item) for item in markdown.items("- a\n- b\n", outline, is_loose=False)] == [
        "<li>a</li>",
        "<li>b</li>",
    ]
    assert [undressed(item) for item in markdown.items("- a\n", outline, is_loose=True)] == ["<li><p>a</p></li>"]
    assert [undressed(row) for row in markdown.rows("|a|\n|-|\n|b|\n|c|\n", outline)] == [
        "<tr><td>b</td></tr>",
        "<tr><td>c</td></tr>",
    ]
    assert markdown.items("no list", outline, is_loose=False) == []
    assert markdown.rows("no table", outline) == []
