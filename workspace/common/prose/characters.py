"""What a text may hold before it is read as Markdown, and what becomes of characters that turn the writing direction.

Embeddings, overrides and isolates (U+202A to U+202E, U+2066 to U+2069, UAX #9) can make a line read otherwise than it
is. Prose does without them, since each of its blocks finds its own direction; in code they are shown by their names,
so that nobody runs what they did not see ("Trojan Source", CVE-2021-42574).
"""

import re
from typing import Final

_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Controls (tab and line ends aside), halves of surrogate pairs, and what is no character at all.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """With line feeds as the only line ends, and U+FFFD for each character that no page can hold."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def unturned(text: str) -> str:
    """Prose without what turns its direction."""
    return _TURNING.sub("", text)


def told(text: str) -> str:
    """Code with the names of what would turn its direction: `[U+202E]`."""
    return _TURNING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
