"""A text that is being written, as what a page has to do to show it.

A page holds the children of two places: the `body`, and inside of it the one element with `data-open`, which is an open
list, the body of an open table or the code of an open fence. What is complete is written once; only the open tail is
drawn again, and of a tail that is large not before it has grown by a part of itself. So all work together is linear in
the text.
"""

from dataclasses import dataclass
from typing import Final, Literal

from workspace.common.prose import characters, lines
from workspace.common.prose.blocks import Block, Blocks, Kind
from workspace.common.prose.markdown import elements, items, rows
from workspace.common.prose.outline import Outline
from workspace.common.prose.sanitiser import sanitised
from workspace.common.prose.writing import figure

SMALL: Final = 2_048  # code points of an open tail that may be drawn at any time
SHARE: Final = 16  # a larger one is drawn when it has grown by this share of itself

Place = Literal["body", "open"]


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Remove the children of the place from `start` on and append `html`; the first `closed` are complete then."""

    place: Place
    start: int
    html: str
    closed: int


@dataclass(frozen=True, slots=True)
class Added:
    """Append plain text to the open fence."""

    text: str


class GrowingProse:
    """Takes a text in pieces (`feed`) and tells what to do since it was asked last (`change`)."""

    def __init__(self) -> None:
        self._blocks = Blocks()
        self._outline = Outline()
        self._closed = 0
        self._container = _Container(None, Outline())
        self._shown: _Container | None = None
        self._drawn = 0
        self._tail = ""

    def feed(self, delta: str) -> None:
        """Goes on with the text."""
        self._blocks.feed(delta)

    @property
    def waiting(self) -> int:
        """Code points that the next change has to read at least."""
        return sum(map(len, self._blocks.closed)) + self._open_length

    @property
    def is_due(self) -> bool:
        """Whether a change is worth its cost by now."""
        block, length = self._blocks.open, self._open_length
        if self._blocks.closed or length <= SMALL or (block and (block.kind is Kind.FENCE or self._container.lags)):
            return True
        return (length - self._drawn) * SHARE >= length

    def change(self) -> Redrawn | Added | None:
        """None where a page shows all there is to see already."""
        complete = [html for source in self._blocks.closed for html in elements(source, self._outline)]
        self._blocks.closed.clear()
        if self._blocks.open is not self._container.block:
            self._container = _Container(self._blocks.open, self._outline.copy())
        container, line = self._container, "" if lines.is_undecided(self._blocks.line) else self._blocks.line
        self._drawn = self._open_length
        if not complete and container is self._shown:
            return container.change(self._blocks.line if container.is_fence else line)
        start, self._closed = self._closed, self._closed + len(complete)
        tail = container.whole(self._blocks.line if container.is_fence else line)
        was, self._tail, self._shown = self._tail, tail, container if container.is_open else None
        return Redrawn("body", start, "".join(complete) + tail, self._closed) if complete or tail != was else None

    def pass_over(self) -> None:
        """The page has what there was up to here; its open tail is drawn anew with the next change."""
        self.change()
        self._shown, self._tail = None, ""

    @property
    def _open_length(self) -> int:
        block = self._blocks.open
        return (block.open_length if block else 0) + self._blocks.length


class _Container:
    """The open block of a text as a page shows it: with parts that are complete, where its kind has any."""

    def __init__(self, block: Block | None, outline: Outline) -> None:
        self.block = block
        self._outline = outline
        self._parts: list[str] = []
        self._read = 0
        self._closed = 0
        self._tail = ""
        self._code = _Code()
        self._frame = _frame(block) if block and block.kind is Kind.TABLE else ""

    @property
    def is_fence(self) -> bool:
        return self.block is not None and self.block.kind is Kind.FENCE

    @property
    def is_open(self) -> bool:
        """Whether it is drawn as an element to which parts are added."""
        if self.block is None:
            return False
        if self.block.kind is Kind.LIST:
            return bool(self._parts)
        return self.block.kind is Kind.FENCE or bool(self._frame)

    @property
    def lags(self) -> bool:
        """Whether parts have been completed that were not read yet."""
        return self.block is not None and self._read < len(self.block.parts)

    def whole(self, line: str) -> str:
        """All of it, with the line that is being written."""
        block = self.block
        if block is None:
            return "".join(elements(line, self._outline.copy())) if line and not lines.fence(line) else ""
        self._read_parts(block)
        if not self.is_open:
            return "".join(elements(block.source + line, self._outline.copy()))
        self._tail, self._closed = self._open_part(block, line), len(self._parts)
        if block.kind is Kind.FENCE:
            self._code = _Code()
            source = self._code.since(block, line)
            return sanitised(figure(source, block.first.strip(" `~"), is_open=True))
        frame = self._frame or _list_frame(block)
        return frame.replace(_HOLE, "".join(self._parts) + self._tail)

    def change(self, line: str) -> Redrawn | Added | None:
        """What a page that has it open must do."""
        block = self.block
        if block is None:
            return None
        if block.kind is Kind.FENCE:
            text = characters.told(self._code.since(block, line))
            return Added(text) if text else None
        self._read_parts(block)
        start, self._closed = self._closed, len(self._parts)
        was, self._tail = self._tail, self._open_part(block, line)
        complete = "".join(self._parts[start:])
        if not complete and self._tail == was:
            return None
        return Redrawn("open", start, complete + self._tail, self._closed)

    def _read_parts(self, block: Block) -> None:
        fresh, self._read = block.parts[self._read :], len(block.parts)
        if block.kind is Kind.TABLE and fresh:
            self._parts += rows(_head(block) + "".join(part.source for part in fresh), self._outline)
        elif block.kind is Kind.LIST:
            for part in fresh:
                self._parts += items(part.source, self._outline, is_loose=part.is_loose)

    def _open_part(self, block: Block, line: str) -> str:
        outline = self._outline.copy()
        if block.kind is Kind.TABLE:
            return "".join(rows(_head(block) + line, outline)) if line else ""
        if block.kind is Kind.LIST:
            return "".join(items(block.rest + line, outline, is_loose=block.is_loose))
        return ""


class _Code:
    """How much of an open fence a page shows: so many lines, and so many characters of the next."""

    def __init__(self) -> None:
        self._lines = 1
        self._characters = 0

    def since(self, block: Block, line: str) -> str:
        """What has come, without a line that may turn out to be the fence's end."""
        fence = block.fence
        begun = "" if fence.may_be_closed_by(line) else fence.inside(line)
        text = "".join(f"{fence.inside(complete)}\n" for complete in block.lines[self._lines :]) + begun
        fresh = text[self._characters :]
        self._lines, self._characters = len(block.lines), len(begun)
        return fresh


_HOLE: Final = "\ufffe"  # no text holds it: see `characters.cleaned`


def _head(block: Block) -> str:
    return "".join(f"{line}\n" for line in block.lines[:2])


def _frame(table: Block) -> str:
    """A table with a hole for its rows; "" where the parser sees no table."""
    made = "".join(elements(_head(table), Outline()))
    return made.replace("</table>", f"<tbody data-open>{_HOLE}</tbody></table>") if "</table>" in made else ""


def _list_frame(block: Block) -> str:
    first = lines.marker(block.first)
    if first is None or first.number is None:
        return f"<ul data-open>{_HOLE}</ul>"
    return f'<ol data-open start="{first.number}">{_HOLE}</ol>'
