"""Splits a byte stream into the data of its server-sent events, for any chunking of the same bytes alike.

Rules: WHATWG HTML, "Interpreting an event stream", as far as engines use it: `data` lines are kept, comments and
other fields dropped, an event ends at an empty line, lines end with LF, CRLF or CR.
"""


class EventTooLong(ValueError):
    """One event grew beyond the limit: whoever sends it is broken or hostile."""


class EventSplitter:
    """Feed it bytes in the order in which they came; it gives each event's data once the event is whole."""

    def __init__(self, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completes.

        Raises:
            EventTooLong: an unfinished event has more bytes than the limit.
        """
        if b"\n" in chunk or b"\r" in chunk or self._rest.endswith(b"\r"):
            *lines, rest = self._lines(bytes(self._rest) + chunk)
            self._rest = bytearray(rest)
        else:  # in place, for a line in many pieces would be copied with each
            lines = []
            self._rest += chunk
        events = [event for line in lines if (event := self._take(line)) is not None]
        if self._held + len(self._rest) > self._limit:
            raise EventTooLong
        return events

    @staticmethod
    def _lines(received: bytes) -> list[bytes]:
        """All lines, the last one unfinished. A CR at the end waits, for it may be half of a CRLF."""
        if b"\r" not in received:
            return received.split(b"\n")
        waiting = b"\r" if received.endswith(b"\r") else b""
        lines = received.removesuffix(waiting).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        lines[-1] += waiting
        return lines

    def _take(self, line: bytes) -> bytes | None:
        """Adds one whole line to the event; gives the event's data where the line ends it."""
        if not line:
            data, self._data, self._held = self._data, [], 0
            return b"\n".join(data) if data else None
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
            self._held += len(value)
        return None
