"""Server-sent events on the wire (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import orjson
from django.http import StreamingHttpResponse

# Seconds without an event after which a comment shows every party on the way that the stream is alive.
KEEP_ALIVE: Final = 15.0
COMMENT: Final = b": \n\n"


def framed(sequence: int, kind: str, data: Mapping[str, Any]) -> bytes:
    """One event. JSON has no raw line ends, so its data is one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (sequence, kind.encode(), orjson.dumps(data))


def answered(content: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """The answer that such a stream is: nobody on the way keeps it, or holds it back."""
    answer = StreamingHttpResponse(content, content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer
