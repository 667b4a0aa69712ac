"""Code in five colours."""

import time

import pytest
from pygments.lexers import get_lexer_by_name

from tests.common.prose.markup import Node, parsed
from workspace.common import prose
from workspace.common.prose import code


def figure(text: str) -> Node:
    return parsed(prose.rendered(text)).first("figure")


def test_a_fence_is_a_figure_with_its_language_and_a_button_to_copy() -> None:
    found = figure("```py\nx = 1\n```")

    assert found.first("figcaption").first("span").text == "Python"
    assert found.first("copy-button").first("button").attributes == {"type": "button"}
    assert found.first("pre").attributes == {"tabindex": "0", "role": "group", "aria-label": "Python"}
    assert found.first("code").text == "x = 1\n"


def test_the_five_colours_are_told_apart() -> None:
    found = figure('```python\ndef late():  # why\n    return "a", 1\n```').first("code")

    assert [(node.attributes["class"], node.text) for node in found.elements] == [
        ("k", "def"),
        ("n", "late"),
        ("c", "# why"),
        ("k", "return"),
        ("s", '"a"'),
        ("m", "1"),
    ]


@pytest.mark.parametrize("info", ["", "nosuchlanguage", "brainfuck", "py;rm", "../x", "text", "mermaid", "py" * 5_000])
def test_a_language_that_is_not_known_is_plain_text(info: str) -> None:
    found = figure(f"```{info}\n<b>x = 1</b>\n```")

    assert found.first("figcaption").first("span").text == "Code"
    assert not found.first("code").elements
    assert found.first("code").text == "<b>x = 1</b>\n"


@pytest.mark.parametrize("info", ["JS", "c++", "C#", "sh", "yml", "Dockerfile", "python title=x", "ts"])
def test_a_language_has_the_names_that_people_use(info: str) -> None:
    assert code.language(info)


def test_every_listed_language_has_a_lexer() -> None:
    for name in code._LANGUAGES:  # the list itself is asked
        assert get_lexer_by_name(name).name


@pytest.mark.parametrize("name", sorted({*code._LANGUAGES}))
def test_no_character_of_code_is_lost(name: str) -> None:
    for text in (
        "\n\n  x = 1\n\ty\n\n",
        "",
        "日本語 🗾\n",
        "'" * 50 + "\n",
        "{" * 50 + "\n",
        "\\" * 50 + "\n",
        "/*" * 20 + "\n",
    ):
        assert parsed(f"<code>{code.highlighted(text, name)}</code>").text == text


def test_code_of_a_size_that_nobody_reads_is_not_coloured() -> None:
    long, wide = "x = 1\n" * 10_000, "x = 1;" * 1_000

    assert code.highlighted(long, "py") == long
    assert code.highlighted(wide, "py") == wide


@pytest.mark.parametrize("name", sorted({*code._LANGUAGES}))
def test_hostile_code_is_given_up_in_time_and_loses_nothing(name: str) -> None:
    for piece in ("\n", "a ", "<<A\n", '"'):
        line = piece * (40_000 // len(piece))
        text = "\n".join(line[start : start + 1_900] for start in range(0, len(line), 1_900)) + "\n"
        began = time.thread_time()
        coloured = code.highlighted(text, name)
        # Five times what it may take, as the machine may be anything: without the limit it is a minute.
        assert time.thread_time() - began < 5 * code._PATIENCE
        assert parsed(f"<code>{coloured}</code>").text == text
