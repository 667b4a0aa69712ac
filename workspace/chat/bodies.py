"""The body of a message: a versioned list of typed parts, stored sealed. Its text is derived from it.

Today every part is text; images, files, tools and citations are further types of the same version or of the next.
"""

from typing import Final

import orjson

from workspace.common.errors import AtriumError

VERSION: Final = 1


class BodyUnknown(AtriumError):
    """A stored body of a version that this code does not know: it was written by a newer one."""

    code, status, title = "body_unknown", 500, "This message was written by a newer version"


def written(text: str) -> bytes:
    """The body of one text."""
    return orjson.dumps({"version": VERSION, "parts": [{"type": "text", "text": text}]})


def text_of(body: bytes) -> str:
    """The text of all text parts, joined; empty for a message that has no body yet.

    Raises:
        BodyUnknown: the version is another.
    """
    if not body:
        return ""
    stored = orjson.loads(body)
    if stored["version"] != VERSION:
        raise BodyUnknown(params={"version": stored["version"]})
    return "".join(part["text"] for part in stored["parts"] if part["type"] == "text")
