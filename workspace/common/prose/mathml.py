"""LaTeX as MathML Core (https://www.w3.org/TR/mathml-core/), for what a formula in an answer needs.

What cannot be shown is told by None, and stays LaTeX: a formula that the converter does not understand, that is long or
deep, or that defines macros, which can grow without bound.
"""

import re
from html import escape, unescape
from typing import Final, Literal
from xml.etree.ElementTree import Element

from latex2mathml import exceptions
from latex2mathml.converter import Converter

from workspace.common.prose import characters

LONGEST: Final = 2_000  # code points
_DEEPEST: Final = 60
# What MathML Core knows, with the attributes that a formula may have: none of them leads anywhere or styles anything.
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mn": set(),
    "mo": {
        "fence",
        "form",
        "largeop",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "separator",
        "stretchy",
    },
    "mover": {"accent"},
    "mpadded": {"depth", "height", "lspace", "voffset", "width"},
    "mphantom": set(),
    "mmultiscripts": set(),
    "mprescripts": set(),
    "mroot": set(),
    "mrow": set(),
    "mspace": {"width"},
    "msqrt": set(),
    "mstyle": {"displaystyle", "scriptlevel"},
    "msub": set(),
    "msubsup": set(),
    "msup": set(),
    "mtable": {"columnalign", "columnlines", "columnspacing", "displaystyle", "rowlines", "rowspacing"},
    "mtd": {"columnalign"},
    "mtext": set(),
    "mtr": set(),
    "munder": {"accentunder"},
    "munderover": set(),
}
# How many parts these have; with fewer, the formula was not finished.
_PARTS: Final = {"mfrac": 2, "msub": 2, "msup": 2, "mroot": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}
_MACROS: Final = re.compile(r"\\(?:(?:re)?new|provide|def|let|gdef|edef|xdef|Declare)")
# A formula stays in its place: no length of more than a few letters, so that none can lie over other words.
_LENGTH: Final = re.compile(r"-?(?:[0-4]?(?:\.\d{1,6})?|[0-4]\d(?:\.\d{1,6})?(?=px|pt))(?:em|ex|px|pt|mu)?")
_LENGTHS: Final = {"depth", "height", "linethickness", "lspace", "maxsize", "minsize", "rspace", "voffset", "width"}
# The converter's exceptions have no common base, and what it did not foresee ends in one of Python's own.
_FAULTS: Final[tuple[type[Exception], ...]] = (
    *(found for found in vars(exceptions).values() if isinstance(found, type) and issubclass(found, Exception)),
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


def mathml(latex: str, display: Literal["inline", "block"]) -> str | None:
    """A `math` element, or None where the formula is shown as it was written."""
    if len(latex) > LONGEST or _MACROS.search(latex):
        return None
    try:
        made = Converter(display=display).convert_to_element(characters.unturned(latex))
    except _FAULTS:
        return None
    return _written(made) if _depth(made) <= _DEEPEST and _is_whole(made) else None


def _is_whole(element: Element) -> bool:
    return all(len(part) == _PARTS.get(part.tag, len(part)) for part in element.iter())


def _depth(element: Element) -> int:
    depth, level = 0, [element]
    while level:
        depth, level = depth + 1, [child for parent in level for child in parent]
    return depth


def _written(element: Element) -> str:
    if element.tag not in ATTRIBUTES:
        return "".join(map(_written, element))
    attributes = {name: value for name, value in element.attrib.items() if _is_allowed(element.tag, name, value)}
    if _is_upright(element):
        attributes["mathvariant"] = "normal"
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    inside = escape(unescape(element.text or ""), quote=False) + "".join(map(_written, element))
    return f"<{element.tag}{said}>{inside}</{element.tag}>"


def _is_allowed(tag: str, name: str, value: str) -> bool:
    return name in ATTRIBUTES[tag] and (name not in _LENGTHS or _LENGTH.fullmatch(value) is not None)


def _is_upright(element: Element) -> bool:
    """A single letter of `\\mathrm`: the converter tells it by a reference to an ASCII letter."""
    return element.tag == "mi" and bool(re.fullmatch("&#x000[4-7][0-9A-F];", element.text or ""))
