"""Links that say where they lead. Nothing but web and mail addresses is a link; nothing is loaded by itself."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_BARE: Final = re.compile(r"(?<![A-Za-z0-9])https?://[^\s<>\"'`|\\{}「」『』（）、。]{1,2000}", re.IGNORECASE)
_TRAILING: Final = "?!.,:;*_~'\""
# Of a new page nothing comes back to this one, the other site does not learn where the reader came from, and a search
# engine gives no weight to what a model wrote.
ATTRIBUTES: Final = {"rel": "noopener noreferrer nofollow", "target": "_blank", "dir": "auto"}


def destination(address: str) -> str:
    """The host that an address leads to, or the mail address; "" where it is no link that a reader should follow.

    An address with a user's name is none: the name is mistaken for the host.
    """
    scheme, _, rest = address.partition(":")
    if scheme.lower() == "mailto":
        return rest.partition("?")[0] if "@" in rest else ""
    if scheme.lower() not in {"http", "https"} or not rest.startswith("//"):
        return ""
    place = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    host = re.sub(r":[0-9]{0,5}$", "", place)
    return host.lower() if _HOST.fullmatch(host) and _is_parsable(address) else ""


def _is_parsable(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def told(state: StateCore) -> None:
    """A rule of the parser's core: makes links of bare addresses and images, names hosts behind texts that hide them,
    and leaves out links that lead nowhere.
    """
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_shown(_bare(block.children, state)))


def _bare(tokens: list[Token], state: StateCore) -> Iterator[Token]:
    """With links for the web addresses that stand in the text as they are."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type != "text" or depth or "://" not in token.content:
            yield token
            continue
        at = 0
        for start, address in _addresses(token.content):
            href = state.md.normalizeLink(address)
            if not state.md.validateLink(href):
                continue
            yield _text(token.content[at:start])
            yield Token("link_open", "a", 1, attrs={"href": href})
            yield _text(address)
            yield Token("link_close", "a", -1)
            at = start + len(address)
        yield _text(token.content[at:])


def _addresses(text: str) -> Iterator[tuple[int, str]]:
    for found in _BARE.finditer(text):
        address = found[0].rstrip(_TRAILING)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(_TRAILING)
        yield found.start(), address


def _shown(tokens: Iterator[Token]) -> Iterator[Token]:
    address, said = "", list[str]()
    for token in tokens:
        if token.type == "link_open":
            address, said = str(token.attrs["href"]), []
        elif token.type == "image":
            yield from _as_link(token, is_linked=bool(address))
        elif token.type == "link_close" and address:
            yield from _host(address, "".join(said))
        said.append(token.content)
        if token.type != "image" and (address or token.type not in {"link_open", "link_close"}):
            yield token
        if token.type == "link_close":
            address = ""


def _as_link(image: Token, *, is_linked: bool) -> Iterator[Token]:
    """An image is not loaded, since whoever serves it would learn that it was seen. A link leads to it."""
    address = str(image.attrs["src"])
    name = Token("image_name", "", 0, content=image.content)
    if is_linked or not address:
        yield name
        return
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield name
    yield from _host(address, image.content)
    yield Token("link_close", "a", -1)


def _host(address: str, said: str) -> Iterator[Token]:
    """Where a link leads, unless its text is the address: a text that begins with one of that host, or is the host."""
    host = destination(address)
    text = re.sub(r"^(?:https?://|mailto:)", "", said.strip().lower())
    if not (text == host or text.startswith((f"{host}/", f"{host}?", f"{host}#", f"{host}:"))):
        yield Token("host", "", 0, content=host)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
