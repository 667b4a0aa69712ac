"""What the product says to a person, in their language, from the catalogues that it is shipped with."""

import re
from functools import cache
from gettext import GNUTranslations

from tests import messages
from tests.architecture import tree

PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


@cache
def catalogue() -> dict[str, str]:
    """Japanese by English, of every app, from the compiled files; a message with a plural by its singular."""
    found: dict[str, str] = {}
    for app in messages.apps():
        file = tree.ROOT / app.compiled
        if file.exists():
            with file.open("rb") as opened:
                entries = GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
            for key, value in entries.items():
                english = key[0] if isinstance(key, tuple) else key
                found[english.rpartition("\x04")[2]] = value
    return found


class Words:
    """`words("Sign in")` is what a page in this language shows for that message."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, english: str, **given: object) -> str:
        """The message with its placeholders filled in.

        Raises:
            KeyError: no catalogue knows it, so no page says it.
        """
        japanese = catalogue()[english]
        text = japanese if self.language == "ja" else english
        return PLACEHOLDER.sub(lambda match: str(given[match[1] or match[2]]), text).replace("%%", "%")
