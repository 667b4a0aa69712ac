"""The HTML of tokens: what differs from plain CommonMark, in the components of the style sheet."""

from collections.abc import Sequence
from html import escape
from typing import Final

from django.templatetags.static import static
from django.utils.translation import gettext
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from workspace.common.prose import characters, code, links
from workspace.common.prose.mathml import mathml

OPEN: Final = "open"  # in the parser's environment: what is written is an open fence, to which text will be added
_LONGEST_LABEL: Final = 80


def sprite() -> str:
    """The address of the icon on each button to copy."""
    return static("common/icons.svg") + "#copy"


class Writer(RendererHTML):
    """Each method writes the token of its name; what has none is written by the base."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(characters.unturned(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<code dir="ltr">{escape(characters.told(tokens[idx].content))}</code>'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return figure(tokens[idx].content, "", is_open=False)

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return figure(tokens[idx].content, tokens[idx].info, is_open=OPEN in env)

    def formula(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return mathml(token.content, "block" if token.block else "inline") or _source(token)

    def formula_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        made = mathml(token.content, "block") or _source(token)
        return _scrolling(gettext("Formula"), "scroll-x formula") + made + "</div>"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _scrolling(_label(tokens, idx)) + '<table class="table">'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>"

    def too_deep(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<p dir="auto">{escape(characters.unturned(tokens[idx].content))}</p>'

    def host(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f' <bdi class="host">({escape(tokens[idx].content)})</bdi>'

    def image_name(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(characters.unturned(tokens[idx].content.strip())) or escape(gettext("Image"))

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        others = "".join(f' {name}="{value}"' for name, value in links.ATTRIBUTES.items())
        return f'<a href="{escape(str(tokens[idx].attrs["href"]))}"{others}>'


def figure(source: str, info: str, *, is_open: bool) -> str:
    """A block of code with its language and a button to copy it. An open one is not highlighted yet."""
    name = escape(code.language(info) or gettext("Code"))
    inside = escape(characters.told(source)) if is_open else code.highlighted(source, info)
    place = " data-open" if is_open else ""
    return (
        f'<figure class="code" dir="ltr"><figcaption><span>{name}</span>{_copy_button()}</figcaption>'
        f'<pre tabindex="0" role="group" aria-label="{name}"><code{place}>{inside}</code></pre></figure>'
    )


def _copy_button() -> str:
    """It finds what it copies by itself: the `pre` of its figure."""
    word, done = escape(gettext("Copy")), escape(gettext("Copied"))
    return (
        '<copy-button><button type="button"><svg class="icon icon-small" aria-hidden="true">'
        f'<use href="{escape(sprite())}"></use></svg>'
        f'<span data-word data-done="{done}">{word}</span></button></copy-button>'
    )


def _scrolling(label: str, classes: str = "scroll-x") -> str:
    """The start of what scrolls by itself, also by keyboard. A group is no landmark: a page may have many of them."""
    return f'<div class="{classes}" tabindex="0" role="group" aria-label="{escape(label)}">'


def _source(formula: Token) -> str:
    return f'<code dir="ltr">{escape(characters.told(formula.content))}</code>'


def _label(tokens: Sequence[Token], idx: int) -> str:
    """What a table is about, for who cannot see it: the names of its columns."""
    names: list[str] = []
    for token in tokens[idx + 1 :]:
        if token.type == "thead_close":
            break
        if token.type == "inline":
            names.append(characters.unturned(token.content))
    columns = ", ".join(names)
    if len(columns) > _LONGEST_LABEL:
        columns = columns[:_LONGEST_LABEL].rstrip() + "…"
    return gettext("Table: %(columns)s") % {"columns": columns}
