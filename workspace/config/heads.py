"""What the head of a request may hold, and how long it may take to come: uvicorn with httptools has no such limits.

A head that grows for ever would be held in memory, and one that comes a byte a minute would hold its connection.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes and lines; what browsers and proxies send has hundreds of bytes, seldom thousands.
LARGEST: Final = 65_536
MOST_LINES: Final = 200
SECONDS: Final = 20.0
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _TooLarge(Exception):
    """Ends the parser, which uvicorn answers with 400."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, which answers 400 to a head that is too large and 408 to one that is too slow; a connection
    on which nothing comes is closed as late.
    """

    # Of the head that is awaited: bytes of what is not whole yet, bytes and lines of what is.
    _fed = _held = _lines = 0
    _is_in_head = True
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._fed += len(data)
            if self._fed > LARGEST:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._hold(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._hold(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._await_no_more()
        self._is_in_head, self._fed, self._held, self._lines = False, 0, 0, 0
        super().on_headers_complete()

    def _hold(self, *parts: bytes) -> None:
        self._lines += 1
        self._held += sum(map(len, parts))
        if self._held > LARGEST or self._lines > MOST_LINES:
            raise _TooLarge

    def _await_head(self) -> None:
        self._is_in_head = True
        if self._due is None:
            self._due = self.loop.call_later(SECONDS, self._late)

    def _await_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        if self._fed:
            self.transport.write(_LATE)
        self.transport.close()
