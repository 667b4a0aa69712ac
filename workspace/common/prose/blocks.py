"""The blocks of a text that grows: which are complete, and what is still open.

A text is cut line by line, and every cut depends on the text before it alone, never on how the text arrived. So whoever
reads the same text gets the same blocks, and a reader can go on in the middle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from workspace.common.prose import characters, lines
from workspace.common.prose.lines import Fence, Marker

# Code points after which it is decided whether a line goes on with the list before it: a marker fits into so many.
_HEAD: Final = 16


class Kind(Enum):
    PARAGRAPH = auto()
    QUOTE = auto()
    FORMULA = auto()
    INDENTED = auto()
    LIST = auto()
    TABLE = auto()
    FENCE = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """An item of a list or a row of a table. `is_loose`: of the list's items, some were set apart by then."""

    source: str
    is_loose: bool


class Block:
    """One block, or a few that belong together.

    `parts` are those of its parts that are complete: a list's items, a table's rows. `rest` is what follows them. In a
    fence all lines but the first are `rest`.
    """

    def __init__(self, kind: Kind, first: str) -> None:
        self.kind = kind
        self.first = first
        self.lines = [first]
        self.parts: list[Part] = []
        self.is_loose = False
        self.fence: Fence = lines.fence(first) or Fence("", 0)
        self.marker: Marker | None = lines.marker(first)
        self.end = lines.formula_end(first)
        self.is_after_blank = False
        self._complete = 0
        self._length = len(first) + 1

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def rest(self) -> str:
        """The lines behind the complete parts."""
        return "".join(f"{line}\n" for line in self.lines[self._complete :])

    @property
    def open_length(self) -> int:
        """Code points of `rest`."""
        return self._length

    def add(self, line: str) -> None:
        self.lines.append(line)
        self._length += len(line) + 1

    def complete(self, count: int) -> None:
        """The lines up to this count, from the last complete part, are a part."""
        source = "".join(f"{line}\n" for line in self.lines[self._complete : count])
        self.parts.append(Part(source, self.is_loose))
        self._complete, self._length = count, 0

    def begin_rows(self) -> None:
        """Two lines have turned out to be the head of a table."""
        self.kind, self._complete, self._length = Kind.TABLE, len(self.lines), 0


class Blocks:
    """Takes a text in pieces. `closed` are the sources of the blocks that are complete, in order; whoever reads them
    takes them out. `open` is the block that is being written, None between blocks, and `line` the line that is.
    """

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.open: Block | None = None
        self._pieces: list[str] = []
        self._length = 0
        self._is_decided = False
        self._held = ""
        self._going_on: Final[dict[Kind, Callable[[Block, str], None]]] = {
            Kind.PARAGRAPH: self._paragraph,
            Kind.QUOTE: self._quote,
            Kind.FORMULA: self._formula,
            Kind.INDENTED: self._indented,
            Kind.LIST: self._list,
            Kind.TABLE: self._table,
            Kind.FENCE: self._fence,
        }

    @property
    def line(self) -> str:
        """What there is of the line that is being written."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def length(self) -> int:
        """Code points of the line that is being written."""
        return self._length

    def feed(self, delta: str) -> None:
        """Goes on with the text."""
        text = self._held + delta
        self._held = "\r" if text.endswith("\r") else ""
        *complete, last = characters.cleaned(text.removesuffix("\r")).split("\n")
        for piece in complete:
            self._write(piece)
            self._end_line()
        self._write(last)

    def _write(self, piece: str) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._length += len(piece)
        if not self._is_decided and self._length >= _HEAD:
            self._decide(self.line[:_HEAD])

    def _end_line(self) -> None:
        line = self.line
        if not self._is_decided:
            self._decide(line[:_HEAD])
        self._pieces, self._length, self._is_decided = [], 0, False
        if self.open is None:
            self._begin(line)
        else:
            self._going_on[self.open.kind](self.open, line)

    def _decide(self, head: str) -> None:
        """Ends what a blank line alone does not end, when the line that follows does not go on with it."""
        self._is_decided = True
        block = self.open
        if block is None or not block.is_after_blank or lines.is_blank(head) or lines.is_undecided(head):
            return
        if block.kind is Kind.LIST and not (_continues(block, head) or _begins_item(block, head)):
            self._close()
        if block.kind is Kind.INDENTED and lines.indent(head) < 4:
            self._close()

    def _close(self) -> None:
        if self.open is not None:
            self.closed.append(self.open.source)
        self.open = None

    def _begin(self, line: str) -> None:
        if lines.is_blank(line):
            return
        self.open = Block(_kind(line), line)
        if lines.is_one_line_block(line) or (self.open.end and self._is_formula_over(self.open, line.lstrip()[2:])):
            self._close()

    def _end_or_begin(self, line: str) -> None:
        self._close()
        self._begin(line)

    def _paragraph(self, block: Block, line: str) -> None:
        if lines.is_blank(line):
            self._close()
        elif lines.is_underline(line) and not lines.is_table(block.lines[-1], line):
            block.add(line)
            self._close()
        elif lines.is_table(block.lines[-1], line):
            header = block.lines.pop()
            if block.lines:
                self._close()
            self.open = Block(Kind.TABLE, header)
            self.open.add(line)
            self.open.begin_rows()
        elif lines.interrupts(line):
            self._end_or_begin(line)
        else:
            block.add(line)

    def _quote(self, block: Block, line: str) -> None:
        if lines.is_blank(line):
            self._close()
        elif lines.is_quote(line) or not lines.interrupts(line):
            block.add(line)
        else:
            self._end_or_begin(line)

    def _formula(self, block: Block, line: str) -> None:
        if lines.is_blank(line):
            self._close()
            return
        block.add(line)
        if self._is_formula_over(block, line):
            self._close()

    @staticmethod
    def _is_formula_over(block: Block, line: str) -> bool:
        return line.rstrip().endswith(block.end)

    def _indented(self, block: Block, line: str) -> None:
        block.is_after_blank = lines.is_blank(line)
        if block.is_after_blank or lines.indent(line) >= 4:
            block.add(line)
        else:
            self._end_or_begin(line)

    def _list(self, block: Block, line: str) -> None:
        was_after_blank, block.is_after_blank = block.is_after_blank, lines.is_blank(line)
        if block.is_after_blank or _continues(block, line):
            block.is_loose |= was_after_blank and not block.is_after_blank
            block.add(line)
        elif _begins_item(block, line):
            block.is_loose |= was_after_blank
            block.complete(len(block.lines))
            block.marker = lines.marker(line)
            block.add(line)
        elif was_after_blank or lines.interrupts(line):
            self._end_or_begin(line)
        else:
            block.add(line)

    def _table(self, block: Block, line: str) -> None:
        if lines.is_blank(line):
            self._close()
        elif lines.interrupts(line):
            self._end_or_begin(line)
        else:
            block.add(line)
            block.complete(len(block.lines))

    def _fence(self, block: Block, line: str) -> None:
        block.add(line)
        if block.fence.is_closed_by(line):
            self._close()


def _kind(line: str) -> Kind:
    if lines.indent(line) >= 4:
        return Kind.INDENTED
    found = (
        (lines.fence(line), Kind.FENCE),
        (lines.marker(line), Kind.LIST),
        (lines.is_quote(line), Kind.QUOTE),
        (lines.formula_end(line), Kind.FORMULA),
    )
    return next((kind for is_it, kind in found if is_it), Kind.PARAGRAPH)


def _continues(block: Block, line: str) -> bool:
    """Whether a line belongs to the item before it by its indentation."""
    return block.marker is not None and lines.indent(line) >= block.marker.column


def _begins_item(block: Block, line: str) -> bool:
    found = lines.marker(line)
    return found is not None and block.marker is not None and found.sign == block.marker.sign
