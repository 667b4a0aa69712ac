"""The last gate: whatever the rules before it wrote, only what is listed here reaches a page.

Nothing in the list loads anything, runs anything, names anything (`id`, `name`) or styles anything beyond the classes
of the style sheet.
"""

from functools import cache
from html import escape
from typing import Final

from nh3 import Cleaner

from workspace.common.prose.links import ATTRIBUTES as LINK
from workspace.common.prose.links import destination
from workspace.common.prose.mathml import ATTRIBUTES as FORMULA
from workspace.common.prose.writing import sprite

_HEADINGS: Final = {"h2", "h3", "h4", "h5", "h6"}
_TURNED: Final = {"blockquote", "li", "p", "td", "th", *_HEADINGS}
_PLAIN: Final = {"br", "em", "figcaption", "hr", "s", "strong", "thead", "tr"}
_TAGS: Final = {
    *_TURNED, *_PLAIN, *FORMULA, "a", "bdi", "button", "code", "copy-button", "div", "figure", "ol", "pre", "span",
    "svg", "table", "tbody", "ul", "use",
}  # fmt: skip
_ATTRIBUTES: Final = {
    **FORMULA,
    "a": {"href"},
    "code": {"data-open"},
    "div": {"aria-label"},
    "ol": {"data-open", "start"},
    "pre": {"aria-label"},
    "span": {"data-done", "data-word"},
    "tbody": {"data-open"},
    "ul": {"data-open"},
}
_REGION: Final = {"role": {"group"}, "tabindex": {"0"}}
_VALUES: Final = {
    **{tag: {"dir": {"auto"}} for tag in _TURNED},
    "a": {name: {value} for name, value in LINK.items()},
    "button": {"type": {"button"}},
    "code": {"dir": {"ltr"}},
    "div": _REGION,
    "figure": {"dir": {"ltr"}},
    "pre": _REGION,
    "svg": {"aria-hidden": {"true"}},
}
_CLASSES: Final = {
    "bdi": {"host"},
    "div": {"formula", "scroll-x"},
    "figure": {"code"},
    "span": {"c", "k", "m", "n", "s"},
    "svg": {"icon", "icon-small"},
    "table": {"table"},
    "td": {"centre", "number"},
    "th": {"centre", "number"},
}


def sanitised(html: str) -> str:
    """The same with nothing but what is listed."""
    return _cleaner(sprite()).clean(html)


def is_link(url: str) -> bool:
    """Whether an address becomes a link: it says where it leads, and a browser could go there."""
    return bool(destination(url)) and "href" in sanitised(f'<a href="{escape(url)}"></a>')


@cache
def _cleaner(icon: str) -> Cleaner:
    return Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(),
        attributes=_ATTRIBUTES,
        tag_attribute_values={**_VALUES, "use": {"href": {icon}}},
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
