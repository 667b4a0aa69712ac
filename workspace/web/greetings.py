"""How an empty room says hello."""

import re
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

# Kanji, kana and hangul: names in them stand surname first.
_SURNAME_FIRST: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def addressed(name: str, language: str) -> str:
    """By which part of their name a person is addressed: in Japanese the surname, elsewhere the given name. A name in
    kanji is left whole where it would have to be cut in a language that does not know it.
    """
    words = name.split()
    if not words:
        return ""
    is_surname_first = _SURNAME_FIRST.search(name) is not None
    if language.startswith("ja"):
        return words[0] if is_surname_first else words[-1]
    return " ".join(words) if is_surname_first else words[0]


def greeting(name: str, now: datetime) -> str:
    """A sentence for this time of the person's day. `name` as `addressed` gives it; empty: nobody knows it."""
    if 4 <= now.hour < 11:
        said, to_name = _("Good morning."), _("Good morning, %(name)s.")
    elif 11 <= now.hour < 18:
        said, to_name = _("Good afternoon."), _("Good afternoon, %(name)s.")
    else:
        said, to_name = _("Good evening."), _("Good evening, %(name)s.")
    return to_name % {"name": name} if name else said
