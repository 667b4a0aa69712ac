"""A text in Markdown as HTML: CommonMark 0.31, tables, strikethrough and formulas. HTML in a text is text.

Every cost is bounded by the length of the text: quotes and lists deeper than `DEEPEST`, and paragraphs that are very
long or full of brackets, are shown as they were written.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from workspace.common.prose import formulas, links
from workspace.common.prose.outline import Outline
from workspace.common.prose.sanitiser import is_link, sanitised
from workspace.common.prose.writing import OPEN, Writer

DEEPEST: Final = 20  # levels; a list has two, its own and its item's
LONGEST_PARAGRAPH: Final = 20_000  # code points
MOST_BRACKETS: Final = 1_000
_OUTLINE: Final = "outline"
_DIRECTED: Final = {
    "blockquote_open", "heading_open", "list_item_open", "paragraph_open", "td_open", "th_open",
}  # fmt: skip
_ALIGNED: Final = {"text-align:right": "number", "text-align:center": "centre"}


def elements(source: str, outline: Outline, *, is_open: bool = False) -> list[str]:
    """The HTML of each block, one element each. `is_open`: of a fence that is still being written."""
    env: dict[str, Any] = {_OUTLINE: outline} | ({OPEN: True} if is_open else {})
    return [sanitised(_written(block, env)) for block in _blocks(_parser().parse(source, env))]


def items(source: str, outline: Outline, *, is_loose: bool) -> list[str]:
    """The `li` elements of the list that a text begins with."""
    env = {_OUTLINE: outline}
    tokens = next(_blocks(_parser().parse(source, env)), [])
    if not tokens or not tokens[0].type.endswith("_list_open"):
        return []
    for token in tokens:
        if is_loose and token.type.startswith("paragraph_") and token.level == 2:
            token.hidden = False
    return [sanitised(_written(item, env)) for item in _blocks(tokens[1:-1], level=1)]


def rows(source: str, outline: Outline) -> list[str]:
    """The `tr` elements of the body of the table that a text begins with."""
    env = {_OUTLINE: outline}
    tokens = next(_blocks(_parser().parse(source, env)), [])
    types = [token.type for token in tokens]
    if "tbody_open" not in types:
        return []
    body = tokens[types.index("tbody_open") + 1 : types.index("tbody_close")]
    before, behind = "<table><tbody>", "</tbody></table>"
    made = (sanitised(before + _written(row, env) + behind) for row in _blocks(body, level=body[0].level))
    return [row.removeprefix(before).removesuffix(behind) for row in made]


def _blocks(tokens: Sequence[Token], level: int = 0) -> Iterator[list[Token]]:
    """The tokens of each block of a level."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == level and token.nesting <= 0:
            yield block
            block = []


def _written(tokens: Sequence[Token], env: dict[str, Any]) -> str:
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, env)).strip()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 2 * DEEPEST}, renderer_cls=Writer)
    parser.enable(["table", "strikethrough"])
    formulas.installed(parser)
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.core.ruler.at("inline", _inline)
    parser.core.ruler.push("links", links.told)
    parser.core.ruler.push("dressed", _dressed)
    parser.validateLink = is_link  # type: ignore[method-assign]  # as its documentation has it
    return parser


def _too_deep(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block rule: below the deepest level, lines are text up to the next blank one."""
    if state.level < DEEPEST or silent:
        return False
    line = first
    while line < last and not state.isEmpty(line) and (line == first or state.sCount[line] >= state.blkIndent):
        line += 1
    token = state.push("too_deep", "p", 0)
    token.content = state.getLines(first, line, state.blkIndent, False).strip()
    state.line = line
    return True


def _inline(state: StateCore) -> None:
    """Reads what stands inside of blocks."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) > LONGEST_PARAGRAPH or token.content.count("[") > MOST_BRACKETS:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _dressed(state: StateCore) -> None:
    """Gives blocks their direction, headings their level on the page and cells their alignment."""
    heading = ""
    for token in state.tokens:
        if token.type == "heading_open":
            heading = f"h{state.env[_OUTLINE].placed(int(token.tag[1]))}"
        if token.type in {"heading_open", "heading_close"}:
            token.tag = heading
        if token.type in _DIRECTED:
            style = str(token.attrs.pop("style", ""))
            if style in _ALIGNED:
                token.attrSet("class", _ALIGNED[style])
            token.attrSet("dir", "auto")
