"""What a line can be, seen alone."""

import pytest

from workspace.common.prose import lines


@pytest.mark.parametrize(
    "line, number, column",
    [("- a", None, 2), ("-   a", None, 4), ("  * a", None, 4), ("12. a", 12, 4), ("3) a", 3, 3), ("-", None, 2)],
)
def test_a_marker_says_where_its_content_stands(line: str, number: int | None, column: int) -> None:
    found = lines.marker(line)

    assert found is not None
    assert (found.number, found.column) == (number, column)


@pytest.mark.parametrize("line", ["-a", "1.a", "---", "- - -", "    - a", "1234567890. a", "a", "", ". a", "1- a"])
def test_what_is_no_marker(line: str) -> None:
    assert lines.marker(line) is None


@pytest.mark.parametrize("line", ["# a", "> a", "***", "```", "~~~ x", "- a", "1. a", "\\[ x", "$$"])
def test_what_ends_a_paragraph_without_a_blank_line(line: str) -> None:
    assert lines.interrupts(line)


@pytest.mark.parametrize("line", ["a", "#a", "2. a", "-", "``` `", "=", "\\(x\\)", "|a|"])
def test_what_goes_on_with_a_paragraph(line: str) -> None:
    assert not lines.interrupts(line)


def test_a_fence_is_closed_by_signs_of_its_own_kind_and_length() -> None:
    fence = lines.fence("  ```` py")

    assert fence is not None
    assert fence.is_closed_by("`````  ")
    assert not any(map(fence.is_closed_by, ("```", "~~~~", "````x", "    ````")))
    assert (fence.inside("    x"), fence.inside(" x"), fence.inside("x")) == ("  x", "x", "x")
    assert fence.may_be_closed_by("``")
    assert not fence.may_be_closed_by("``x")


@pytest.mark.parametrize(
    "header, delimiters, is_one",
    [
        ("|a|b|", "|-|-|", True),
        ("a|b", "-|:-:", True),
        ("a", "-", False),
        ("|a|b|", "|-|", False),
        ("|a\\|b|", "|-|", True),
    ],
)
def test_two_lines_are_the_head_of_a_table_where_their_columns_match(
    header: str, delimiters: str, is_one: bool
) -> None:
    assert lines.is_table(header, delimiters) is is_one
