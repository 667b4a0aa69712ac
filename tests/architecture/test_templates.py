"""Every template compiles, and none of them opens a door that the content security policy shuts."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.urls import get_resolver

from tests.architecture import tree

UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+off|mark_safe")
# What a tag names by a constant: an address, a file, an icon, another template.
NAMED = re.compile(r"""{%\s*(url|static|icon|include|extends)\s+["']([^"']+)["']""")
SPRITE = Path("workspace/common/static/common/icons.svg")
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


def is_there(tag: str, name: str) -> bool:
    """Whether what a tag names exists."""
    if tag == "url":
        return name in get_resolver().reverse_dict
    if tag == "icon":
        return f'id="{name}"' in tree.text(SPRITE)
    if tag == "static":
        return finders.find(name) is not None
    try:
        return get_template(name) is not None
    except TemplateDoesNotExist:
        return False


def test_what_a_template_names_is_there() -> None:
    named = [(str(path), *found) for path in templates() for found in NAMED.findall(tree.text(path))]

    assert named
    assert not [(path, tag, name) for path, tag, name in named if not is_there(tag, name)]


def test_no_template_switches_escaping_off() -> None:
    assert not [str(path) for path in templates() if UNESCAPED.search(tree.text(path))]


def test_scripts_and_styles_are_files_or_carry_a_nonce() -> None:
    assert not [str(path) for path in templates() if INLINE.search(tree.text(path))]


def test_the_check_for_inline_code_finds_what_it_is_for() -> None:
    bad = ["<script>x()</script>", "<p onclick=x()>", "<style>p{}</style>", '<p style="color:red">']
    good = ['<script src="a.js"></script>', '<script nonce="{{ nonce }}">x()</script>', "<p>one=two</p>"]

    assert all(INLINE.search(text) for text in bad)
    assert not any(INLINE.search(text) for text in good)
