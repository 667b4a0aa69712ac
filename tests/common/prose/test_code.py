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
        assert get_lexer_by_name(name)


@pytest.mark.parametrize("name", sorted({*code._LANGUAGES}))
@pytest.mark.parametrize(
    "text", ["\n\n  x = 1\n\ty\n\n", "", "\r", "日本語 🗾\n", "'" * 50, "{" * 50, "\\" * 50, "/*" * 20]
)
def test_no_character_of_code_is_lost(name: str, text: str) -> None:
    assert parsed(f"<code>{code.highlighted(text, name)}</code>").text == text


def test_code_of_a_size_that_nobody_reads_is_not_coloured() -> None:
    long, wide = "x = 1\n" * 10_000, "x = 1;" * 1_000

    assert code.highlighted(long, "py") == long
    assert code.highlighted(wide, "py") == wide


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*code._LANGUAGES}))
def test_hostile_code_costs_what_it_weighs(name: str) -> None:
    pieces = [
        "{",
        "(",
        "[",
        '"',
        "'",
        "`",
        "/*",
        "<",
        "<!",
        "\\",
        "a",
        "a ",
        "0",
        " ",
        "\n",
        "\t",
        "#",
        "$",
        "${",
        "@",
        "%",
    ]
    pieces += [
        "a=",
        "a.",
        "-",
        "<a ",
        '<a b="',
        "r'",
        "/",
        "//",
        "=begin\n",
        "<<A\n",
        "<?",
        "a:",
        '"""',
        "--",
        "R(",
        "q{",
    ]

    for piece in pieces:
        took = []
        for size in (10_000, 20_000):
            line = piece * (size // len(piece))
            text = "\n".join(line[start : start + 1_900] for start in range(0, len(line), 1_900))
            began = time.process_time()
            code.highlighted(text, name)
            took.append(time.process_time() - began)
        assert took[1] <= 3 * took[0] + 0.3, piece
