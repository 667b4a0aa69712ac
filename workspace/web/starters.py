"""Ways to begin: each only fills the composer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Starter:
    """`name` stands in an address, `text` in the composer, in front of what the person adds."""

    name: str
    icon: str
    title: Promise | str
    hint: Promise | str
    text: Promise | str


STARTERS: Final[tuple[Starter, ...]] = (
    Starter(
        "summary",
        "document",
        _("Summarise a text"),
        _("Paste a report, a mail or minutes"),
        _("Summarise the following text in five sentences, then list what has to be decided:"),
    ),
    Starter(
        "decision",
        "branch",
        _("Prepare a decision"),
        _("Options side by side, with what speaks against each"),
        _("Help me to decide between these options. Compare them, and say what speaks against each:"),
    ),
    Starter(
        "wording",
        "edit",
        _("Improve a text"),
        _("Clearer and shorter, in your own tone"),
        _("Make the following text clearer and shorter, and keep its tone:"),
    ),
    Starter(
        "numbers",
        "flask",
        _("Work with numbers"),
        _("A table, a formula, a small script"),
        _("Look at these numbers and say what stands out:"),
    ),
)


def begun(name: str, draft: str, starters: Iterable[Starter] = STARTERS) -> str:
    """What the composer holds at first: the words of the starter of this name, if any, and below them the draft."""
    words = next((f"{starter.text}\n\n" for starter in starters if starter.name == name), "")
    return words + draft
