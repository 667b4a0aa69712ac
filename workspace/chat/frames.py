"""Server-sent events on the wire (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

# Shows every party on the way that a silent stream is alive.
COMMENT: Final = b": \n\n"


def framed(sequence: int, kind: str, data: Mapping[str, Any]) -> bytes:
    """One event. JSON has no raw line ends, so its data is one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (sequence, kind.encode(), orjson.dumps(data))
