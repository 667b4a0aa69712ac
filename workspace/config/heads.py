"""What a request may hold around its body, and how long it may take to come: uvicorn with httptools has no such limits.

A head, or what follows a body, that grows for ever would be held in memory and copied with each piece that comes; a
request that comes a byte a minute would hold its connection. The body itself is bounded by `common/whole_bodies.py`.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from workspace.common import whole_bodies

# Bytes and lines; what browsers and proxies send has hundreds of bytes, seldom thousands.
LARGEST: Final = 65_536
MOST_LINES: Final = 200
# For the head, and for what follows it: a body that is late has been answered, and whoever still sends may read that.
SECONDS: Final = 20.0
SECONDS_BEHIND: Final = whole_bodies.SECONDS + 10
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _Refused(Exception):
    """Ends the parser, which uvicorn answers with 400."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, which answers 400 to a head that is too large or says twice how its body ends, and 408 to one
    that is too slow; a connection on which nothing of a request comes, or no end of one, is closed as late.
    """

    # Bytes that came and were not given on, and bytes and lines that were: of the head, and anew behind the body.
    _fed = _held = _lines = 0
    _is_in_head = True
    _is_chunked = False
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await(SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._fed += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._fed > LARGEST:
            self.send_400_response("The head of the request is too large.")
        elif self._due is None and self.cycle.response_complete:
            self._await(SECONDS)  # for a request to begin; uvicorn waits no more once anything came

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._is_chunked = True, False
        self._await(SECONDS)

    def on_url(self, url: bytes) -> None:
        self._hold(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._hold(name, value)
        match name.lower():
            case b"cookie":
                value = _well_formed(value)
            case b"transfer-encoding" if self._is_chunked or value.strip().lower() != b"chunked":
                raise _Refused  # written otherwise, or twice: whoever stands between may read another end of the body
            case b"transfer-encoding":
                self._is_chunked = True
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_head, self._fed, self._held, self._lines = False, 0, 0, 0
        self._await(SECONDS_BEHIND)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._fed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._fed, self._held, self._lines = 0, 0, 0
        self._await_no_more()
        super().on_message_complete()

    def _hold(self, *parts: bytes) -> None:
        self._lines += 1
        self._held += sum(map(len, parts))
        if self._held > LARGEST or self._lines > MOST_LINES:
            raise _Refused

    def _await(self, seconds: float) -> None:
        self._await_no_more()
        self._due = self.loop.call_later(seconds, self._late)

    def _await_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        if self._is_in_head and self._fed:
            self.transport.write(_LATE)
        self.transport.close()


def _well_formed(cookies: bytes) -> bytes:
    """Without those that hold a backslash, which RFC 6265 forbids and no cookie of ours has: Python before 3.11.10 and
    3.12.6 needs eighteen seconds to read 60 kB of them (CVE-2024-7592).
    """
    if b"\\" not in cookies:
        return cookies
    return b";".join(cookie for cookie in cookies.split(b";") if b"\\" not in cookie)
