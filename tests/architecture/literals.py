"""Words that a person would read and that no catalogue knows: in templates, Python, elements and styles."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

from tests.architecture import tree

LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names, which no language changes: the product's own, and each language's in itself.
NAMES = re.compile(r"\b(?:Atrium|English|Esc|Ctrl|Enter|Shift|gpt-oss)\b|日本語")
ATTRIBUTES = {"title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt", "label"}
ATTRIBUTE_BLOCKS = {"panel", "room_attributes"}  # blocks that pages fill with classes and attributes
SILENT = {"script", "style", "code", "kbd", "pre"}
# What a tag or a filter is given: a constant that is no message, and reads like words.
GIVEN = re.compile(r"""(?:\w+=|\|(?:default|default_if_none|yesno|pluralize|add):)("[^"]*"|'[^']*')""")
WORDED = re.compile(r"^\W*[A-Z][a-z]|[A-Za-z]{2,} [A-Za-z]{2,}")

SINKS = re.compile(
    r"(?:\.(?:textContent|innerText|title|placeholder|ariaLabel|ariaDescription|alt)\s*\+?=(?!=)"
    r"""|setAttribute\(\s*["'`](?:title|aria-label|aria-description|placeholder|alt)["'`]\s*,"""
    r"|\b(?:alert|confirm|prompt)\()(?P<said>[^;]*)"
)
STRING = re.compile(r""""[^"\n]*"|'[^'\n]*'|`[^`]*`""")
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.S)
CONTENT = re.compile(r"""content:\s*("[^"]*"|'[^']*')""")

KEYWORDS = {"label", "help_text", "empty_label", "verbose_name", "error_messages", "initial_text"}
SAYING = {"info", "success", "warning", "error", "add_message"}


def worded(text: str) -> bool:
    """Whether letters are left once names are taken out."""
    return LETTERS.search(NAMES.sub("", text)) is not None


class Page(HTMLParser):
    """A template whose tags are taken out; collects what it says itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        said = [value for name, value in attrs if name in ATTRIBUTES and value]
        kept = [value for name, value in attrs if name.startswith("data-") and value and WORDED.search(value)]
        self.found += [value for value in said + kept if worded(value)]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and worded(data):
            self.found.append(data.strip())


def end_of_silence(token: Token) -> str:
    """The tag that ends what this one begins, where no words of ours stand inside; else empty."""
    name, *rest = token.contents.split() or [""]
    if token.token_type != TokenType.BLOCK:
        return ""
    silent = name in {"blocktranslate", "blocktrans", "comment", "verbatim"} or (
        name == "block" and rest[0] in ATTRIBUTE_BLOCKS
    )
    return f"end{name}" if silent else ""


def outside_messages(text: str) -> Iterator[Token]:
    """The tokens that stand in no block of a translation, of a comment, or of an attribute."""
    ends = ""
    for token in Lexer(text).tokenize():
        if ends:
            ends = "" if token.token_type == TokenType.BLOCK and token.contents.split()[0] == ends else ends
        elif ends := end_of_silence(token):
            continue
        else:
            yield token


def in_template(text: str, *, is_html: bool = True) -> list[str]:
    """What a template says that is no message."""
    flat, found = [], []
    for token in outside_messages(text):
        if token.token_type == TokenType.TEXT:
            flat.append(token.contents)
        elif token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            found += [given for given in GIVEN.findall(token.contents) if WORDED.search(given.strip("\"'"))]
    if not is_html:
        return found + [text.strip() for text in flat if worded(text)]
    page = Page()
    page.feed("".join(flat))
    page.close()
    return found + page.found


def is_literal(node: ast.expr) -> bool:
    """A constant with words, written as it is or made on the spot."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and worded(node.value)
    if isinstance(node, ast.Dict):
        return any(map(is_literal, node.values))
    return isinstance(node, ast.JoinedStr) and any(is_literal(part) for part in node.values)


def in_call(node: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that people read."""
    name = ast.unparse(node.func)
    if name.rpartition(".")[2] == "ValidationError":
        yield from node.args[:1]
    if name.startswith("messages.") and name.rpartition(".")[2] in SAYING:
        yield from node.args[1:]
    yield from (keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS)


def choices(node: ast.ClassDef) -> Iterator[ast.expr]:
    """The labels of Django's choices. Where none is given, the value is for programs."""
    if any(ast.unparse(base).endswith("Choices") for base in node.bases):
        values = [line.value for line in node.body if isinstance(line, ast.Assign)]
        yield from (value.elts[-1] for value in values if isinstance(value, ast.Tuple))


def in_python(module: ast.Module) -> list[str]:
    """What a module says to people that is no message."""
    said: list[ast.expr] = []
    for node in ast.walk(module):
        said += in_call(node) if isinstance(node, ast.Call) else []
        said += choices(node) if isinstance(node, ast.ClassDef) else []
    return [f"{node.lineno} {ast.unparse(node)}" for node in said if is_literal(node)]


def in_script(text: str) -> list[str]:
    """What an element says by itself; its words stand in the page."""
    said = [match["said"] for match in SINKS.finditer(COMMENT.sub("", text))]
    return [word for part in said for word in STRING.findall(part) if worded(re.sub(r"\$\{[^}]*\}", "", word))]


def in_style(text: str) -> list[str]:
    return [word for word in CONTENT.findall(COMMENT.sub("", text)) if worded(word)]


def static_files(suffix: str) -> list[Path]:
    """What the product serves as it is."""
    return [path for path in tree.files() if "static" in path.parts and path.suffix == suffix]
