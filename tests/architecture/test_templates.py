"""Every template compiles, and none of them opens a door that the content security policy shuts."""

import re
from pathlib import Path

from django.template import TemplateSyntaxError, engines

from tests.architecture import tree

UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+off|mark_safe")
INLINE = re.compile(r"<(?:script|style)\b(?![^>]*\s(?:src|nonce)=)|<[^>]*\s(?:on\w+|style)=")


def templates() -> list[Path]:
    return [path for path in tree.files() if "templates" in path.parts and path.suffix in {".html", ".txt"}]


def test_every_template_compiles() -> None:
    broken = {}
    for path in templates():
        try:
            engines["django"].from_string(tree.text(path))
        except TemplateSyntaxError as error:
            broken[str(path)] = str(error)

    assert not broken


def test_no_template_switches_escaping_off() -> None:
    assert not [str(path) for path in templates() if UNESCAPED.search(tree.text(path))]


def test_scripts_and_styles_are_files_or_carry_a_nonce() -> None:
    assert not [str(path) for path in templates() if INLINE.search(tree.text(path))]


def test_the_check_for_inline_code_finds_what_it_is_for() -> None:
    bad = ["<script>x()</script>", "<p onclick=x()>", "<style>p{}</style>", '<p style="color:red">']
    good = ['<script src="a.js"></script>', '<script nonce="{{ nonce }}">x()</script>', "<p>one=two</p>"]

    assert all(INLINE.search(text) for text in bad)
    assert not any(INLINE.search(text) for text in good)
