r"""The parser's rules for formulas: `\(..\)` and `$..$` in a line, `\[..\]` and `$$..$$` in a line or on their own.

A dollar sign is more often money. `$..$` is a formula only where both signs touch it, no letter or digit stands on
their outer sides, and it holds something that only formulas have, or is one word that is no number.
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from workspace.common.prose.mathml import LONGEST

OPENINGS: Final = {"\\[": "\\]", "$$": "$$"}
_INLINE: Final = {**OPENINGS, "\\(": "\\)"}
_MONEY: Final = re.compile(r"[\d.,]+[A-Za-z]{0,3}(?:[-–/]\w*)?")
_ONLY_IN_FORMULAS: Final = re.compile(r"[\\^_{}=<>+]")
_DOLLAR: Final = re.compile(r"(?<!\\)\$")


def installed(parser: MarkdownIt) -> None:
    """Adds the rules to a parser. Their tokens are `formula` (in a line, `block` where it is set off) and
    `formula_block`; the content is LaTeX without its signs, the markup the sign that opened it.
    """
    parser.inline.ruler.before("escape", "formula", _in_a_line)
    parser.inline.add_terminator_char("$")
    interrupted = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "formula_block", _on_its_own, {"alt": interrupted})


def _in_a_line(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source[start] not in "\\$":
        return False
    opening = source[start : start + 2]
    found = _between(state, opening, _INLINE[opening]) if opening in _INLINE else _between_dollars(state)
    if not found:
        return False
    content, end = found
    if not _says(content):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup, token.block = content, opening, opening in OPENINGS
    state.pos = end
    return True


def _between(state: StateInline, opening: str, closing: str) -> tuple[str, int] | None:
    start = state.pos + len(opening)
    end = state.src.find(closing, start, min(state.posMax, start + LONGEST))
    return (state.src[start:end].strip(), end + len(closing)) if end > start else None


def _between_dollars(state: StateInline) -> tuple[str, int] | None:
    """Up to the next dollar sign, and no further: so all signs of a line are looked at once."""
    source, start = state.src, state.pos
    if source[start] != "$" or (start and (source[start - 1].isalnum() or source[start - 1] == "$")):
        return None
    closing = _DOLLAR.search(source, start + 1, min(state.posMax, start + LONGEST))
    if closing is None:
        return None
    content, after = source[start + 1 : closing.start()], source[closing.end() : closing.end() + 1]
    return (content, closing.end()) if _is_formula(content) and not after.isalnum() else None


def _is_formula(content: str) -> bool:
    if not content or content[0].isspace() or content[-1].isspace() or "\n" in content:
        return False
    if _ONLY_IN_FORMULAS.search(content):
        return True
    return " " not in content and not _MONEY.fullmatch(content)


def _says(content: str) -> bool:
    return any(character.isalnum() for character in content)


def _on_its_own(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """From a line that begins with an opening sign to a line that ends with its closing one, none of them blank."""
    opening = state.src[state.bMarks[first] + state.tShift[first] :][:2] if not state.is_code_block(first) else ""
    if opening not in OPENINGS:
        return False
    closing, lines = OPENINGS[opening], []
    for line in range(first, last):
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip())
        written = lines[-1][2:] if line == first else lines[-1]
        if written.endswith(closing):
            break
        if closing in written or opening in written or state.eMarks[line] - state.bMarks[first] > LONGEST:
            return False
    else:
        return False
    content = "\n".join(lines)[2 : -len(closing)].strip()
    if not _says(content):
        return False
    if not silent:
        token = state.push("formula_block", "math", 0)
        token.content, token.markup, token.map = content, opening, [first, line + 1]
    state.line = line + 1
    return True
