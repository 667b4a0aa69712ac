"""What is a formula, and what is money."""

import pytest

from tests.common.prose.markup import assert_harmless, parsed
from workspace.common import prose


def formulas(text: str) -> list[str]:
    """How each formula of a text is displayed."""
    return [node.attributes["display"] for node in assert_harmless(prose.rendered(text)).all("math")]


@pytest.mark.parametrize(
    "text", [r"\(x\)", "$x$", "$x^2 + y$", "($n$)", r"**\(x\)**", "|a|\n|-|\n|$x$|", "- $a_1$", "# $x$"]
)
def test_a_formula_in_a_line(text: str) -> None:
    assert formulas(text) == ["inline"]


@pytest.mark.parametrize(
    "text",
    [
        r"\[x\]",
        "$$x$$",
        "\\[\nx\n\\]",
        "$$\nx\n$$",
        "- a\n\n  \\[\n  x\n  \\]",
        "> $$x$$",
        "so \\[x\\] is",
        "a\n\\[x\\]\nb",
    ],
)
def test_a_formula_on_its_own(text: str) -> None:
    assert formulas(text) == ["block"]


@pytest.mark.parametrize(
    "text",
    [
        "$5",
        "$5 and $10",
        "$5-$10",
        "from $1,000 to $2,000",
        "US$5 or A$6",
        "a $ b $ c",
        "$ x $",
        r"\$x\$",
        "$5$",
        "`$x$`",
        "```\n$x$\n```",
        "$$$$",
        "\\[\\]",
        "\\[\n\nx\\]",
        "\\(x",
        "$HOME/bin and $PATH",
        "$x\ny$",
    ],
)
def test_what_is_no_formula_stays_text(text: str) -> None:
    assert formulas(text) == []


def test_a_formula_on_its_own_scrolls_in_a_group_with_a_name() -> None:
    [group] = parsed(prose.rendered("\\[ \\frac{a}{b} \\]")).elements

    assert group.attributes == {"class": "scroll-x formula", "tabindex": "0", "role": "group", "aria-label": "Formula"}
    assert [node.tag for node in group.elements] == ["math"]
