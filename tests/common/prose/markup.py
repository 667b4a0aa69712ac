"""HTML as a tree, for tests that ask what a browser would make of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from django.templatetags.static import static

VOID = {"br", "hr", "use"}
TAGS = """
    a bdi blockquote br button code copy-button div em figcaption figure h2 h3 h4 h5 h6 hr li ol p pre s span strong
    svg table tbody td th thead tr ul use math menclose mfrac mi mn mo mover mpadded mphantom mmultiscripts mprescripts
    mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover
"""
ATTRIBUTES = """
    aria-hidden aria-label class data-done data-open data-word dir href rel role start tabindex target type accent
    accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop linethickness
    lspace mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy
    voffset width
"""
CLASSES = {"c", "k", "m", "n", "s", "centre", "code", "formula", "host", "icon", "icon-small", "number", "scroll-x"}
CLASSES |= {"table"}


@dataclass
class Node:
    """An element; the root has no tag."""

    tag: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def elements(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, *tags: str) -> "Iterator[Node]":
        """The elements below with one of these tags (of any, where none is given), in the order of the page."""
        for child in self.elements:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def first(self, tag: str) -> "Node":
        return next(self.all(tag))

    @property
    def html(self) -> str:
        inside = "".join(
            escape(child, quote=False) if isinstance(child, str) else child.html for child in self.children
        )
        if not self.tag:
            return inside
        said = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return f"<{self.tag}{said}>" + ("" if self.tag in VOID else f"{inside}</{self.tag}>")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.path = [Node()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(node)
        if tag not in VOID:
            self.path.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.path[-1].tag == tag, f"{tag} ends inside of {self.path[-1].tag}"
        self.path.pop()

    def handle_data(self, data: str) -> None:
        self.path[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("a processing instruction")


def parsed(html: str) -> Node:
    """The tree of a row of elements; every element is closed where it should be."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.path) == 1, f"{builder.path[-1].tag} is not closed"
    return builder.path[0]


def assert_harmless(html: str) -> Node:
    """Nothing runs, nothing loads, nothing leads elsewhere than to the web or to mail. Gives the tree."""
    tree = parsed(html)
    for node in tree.all():
        assert node.tag in TAGS.split()
        assert set(node.attributes) <= set(ATTRIBUTES.split()), node.attributes
        assert set(node.attributes.get("class", "").split()) <= CLASSES
        if node.tag == "a":
            assert node.attributes["href"].lower().startswith(("http://", "https://", "mailto:"))
            assert node.attributes["rel"] == "noopener noreferrer nofollow"
        elif "href" in node.attributes:
            assert (node.tag, node.attributes["href"]) == ("use", f"{static('common/icons.svg')}#copy")
    return tree


def undressed(html: str) -> str:
    """Without what this product adds to CommonMark's own elements, so that examples can be told plainly."""
    tree = parsed(html)
    for node in tree.all():
        for name in ("dir", "rel", "target"):
            node.attributes.pop(name, None)
        if node.tag != "code":
            lines = (child if isinstance(child, Node) else child.strip("\n") for child in node.children)
            node.children = [line for line in lines if line]
    return tree.html
