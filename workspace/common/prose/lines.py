"""What a line of Markdown can be, seen alone: enough to tell where the blocks of a growing text end.

The rules are those of CommonMark 0.31 for the outermost level. They may differ from the parser's in corner cases: then
a block is drawn a little otherwise until the answer is complete, and is drawn whole.
"""

import re
from dataclasses import dataclass
from typing import Final

from workspace.common.prose.formulas import OPENINGS

_FENCE: Final = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_HEADING: Final = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE: Final = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_MARKER: Final = re.compile(r"(?P<indent> {0,3})(?P<number>\d{0,9})(?P<sign>(?<=\d)[.)]|(?<!\d)[-+*])(?P<gap>[ \t]+|$)")
_QUOTE: Final = re.compile(r" {0,3}>")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_DELIMITERS: Final = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_FORMULA: Final = re.compile(r" {0,3}(\\\[|\$\$)")
_UNDECIDED: Final = re.compile(r"[ \t]*(?:[-+*=_#>~`|:$\\\[ \t]*|\d{1,9}[.)]?)[ \t]*")
_CELLS: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Fence:
    """The opening of a fence: its signs, and the spaces that lines inside lose."""

    signs: str
    indent: int

    def is_closed_by(self, line: str) -> bool:
        found = re.fullmatch(rf" {{0,3}}({re.escape(self.signs[0])}+)[ \t]*", line)
        return found is not None and len(found[1]) >= len(self.signs)

    def may_be_closed_by(self, start: str) -> bool:
        """Whether the line that begins like this could still turn out to be its end."""
        return re.fullmatch(rf" {{0,3}}{re.escape(self.signs[0])}*[ \t]*", start) is not None

    def inside(self, line: str) -> str:
        """A line of its content."""
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(spaces, self.indent) :]


@dataclass(frozen=True, slots=True)
class Marker:
    """The opening of a list's item: its sign, its number in an ordered list, and the column of its content."""

    sign: str
    number: int | None
    column: int
    is_empty: bool


def fence(line: str) -> Fence | None:
    found = _FENCE.match(line)
    return Fence(found["fence"], found.start("fence")) if found else None


def marker(line: str) -> Marker | None:
    """None for a thematic break, too."""
    found = _MARKER.match(line)
    if found is None or is_rule(line):
        return None
    gap, is_empty = len(found["gap"]), found.end() == len(line)
    width = 1 if is_empty or gap > 4 else gap
    number = int(found["number"]) if found["number"] else None
    return Marker(found["sign"], number, found.end("sign") + width, is_empty)


def indent(line: str) -> int:
    """Columns before the first character; a tab goes on to the next multiple of four."""
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))


def is_blank(line: str) -> bool:
    return not line.strip(" \t")


def is_rule(line: str) -> bool:
    return _RULE.match(line) is not None


def is_one_line_block(line: str) -> bool:
    """A heading or a thematic break."""
    return _HEADING.match(line) is not None or is_rule(line)


def is_quote(line: str) -> bool:
    return _QUOTE.match(line) is not None


def is_underline(line: str) -> bool:
    """Makes a heading of the paragraph above."""
    return _UNDERLINE.match(line) is not None


def formula_end(line: str) -> str:
    """The sign that ends the formula which this line begins; "" where it begins none."""
    found = _FORMULA.match(line)
    return OPENINGS[found[1]] if found else ""


def interrupts(line: str) -> bool:
    """Whether the line begins a block of its own in the midst of a paragraph."""
    if is_one_line_block(line) or is_quote(line) or fence(line) or formula_end(line):
        return True
    found = marker(line)
    return found is not None and not found.is_empty and found.number in {None, 1}


def is_table(header: str, delimiters: str) -> bool:
    """Whether two lines are the head of a table."""
    if "|" not in header or not _DELIMITERS.match(delimiters):
        return False
    return _width(header) == _width(delimiters)


def is_undecided(start: str) -> bool:
    """Whether the line that begins like this has nothing yet but signs, which may come to mean something else."""
    return _UNDECIDED.fullmatch(start) is not None


def _width(row: str) -> int:
    return len(_CELLS.split(row.strip().removeprefix("|").removesuffix("|")))
