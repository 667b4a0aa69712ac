"""LaTeX as MathML, or as it was written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.common.prose.markup import assert_harmless, parsed
from workspace.common import prose
from workspace.common.prose.mathml import LONGEST, mathml

COMMANDS = [
    *"\\frac \\sqrt \\left( \\right) \\begin{matrix} \\end{matrix} \\text{".split(),  # noqa: SIM905
    *"{}[]^_&'$\\()|~#%+-=<>abx12 \n",
    "\\\\",
    "\\mathrm{d}",
    "\\operatorname{f}",
    "\\hspace{1em}",
]


@pytest.mark.parametrize(
    "latex, said",
    [
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"x < y & z", "<mi>x</mi><mo>&lt;</mo><mi>y</mi><mi>&amp;</mi><mi>z</mi>"),
        (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi><mi>x</mi>'),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\text{<b>}", "<mtext>&lt;b&gt;</mtext>"),
        (r"\href{https://a.test}{x}", "<mrow><mrow><mi>x</mi></mrow></mrow>"),
        (r"\hspace{-90em}x", "<mspace></mspace><mi>x</mi>"),
        (r"\quad x", '<mspace width="1em"></mspace><mi>x</mi>'),
    ],
)
def test_a_formula_holds_what_formulas_need(latex: str, said: str) -> None:
    assert mathml(latex, "inline") == f'<math display="inline"><mrow>{said}</mrow></math>'


@pytest.mark.parametrize(
    "latex",
    [r"\frac{a}", r"\left(", r"\newcommand{\x}{\x\x}\x", r"\def\x{y}\x", "{" * 500, "x" * (LONGEST + 1), "a^b^c", ""],
)
def test_what_cannot_be_shown_stays_as_it_was_written(latex: str) -> None:
    made = mathml(latex, "inline")

    assert made is None or made == '<math display="inline"><mrow></mrow></math>'


def test_a_formula_that_cannot_be_shown_is_code() -> None:
    tree = parsed(prose.rendered(r"so \(\frac{a}\) and"))

    assert tree.first("code").text == r"\frac{a}"


@given(st.lists(st.sampled_from(COMMANDS), max_size=40).map("".join))
def test_any_latex_is_a_formula_or_none(latex: str) -> None:
    made = mathml(latex, "block")

    if made is not None:
        assert_harmless(made)


@pytest.mark.parametrize("piece", [*COMMANDS, "\\text{a}", "{a}", "\\frac{", "^{", "\\left("])
def test_the_longest_formula_is_quick(piece: str) -> None:
    began = time.process_time()

    mathml(piece * (LONGEST // len(piece)), "block")

    assert time.process_time() - began < 0.5
