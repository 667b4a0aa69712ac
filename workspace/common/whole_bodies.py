"""Gathers a request's body before anything else sees the request.

A body that comes slowly holds a socket here, and no thread, transaction or connection behind it; one that is too long
is refused before it is held; one without a declared length gets one, so that every handler reads all of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from workspace.common import problems
from workspace.common.errors import AtriumError, TooLarge, TooSlow
from workspace.common.middleware import new_name

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

# Two megabytes over a line of 70 kB/s.
SECONDS: Final = 30.0
_FRAMING: Final = {b"content-length", b"transfer-encoding"}


class _Gone(Exception):
    """The client left before its body was here."""


class WholeBodies:
    """ASGI: gives requests on with their whole body of at most `limit` bytes; 413 for a longer, 408 for a slow one."""

    def __init__(self, application: Application, limit: int, seconds: float = SECONDS) -> None:
        self._application, self._limit, self._seconds = application, limit, seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await _refuse(TooLarge(), send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._gathered(receive)
        except TooLarge as error:
            await _refuse(error, send)
        except TimeoutError:
            await _refuse(TooSlow(), send)
        except _Gone:
            return
        else:
            await self._application(_declared(scope, len(body)), _given(body, receive), send)

    async def _gathered(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size > self._limit:
                raise TooLarge
            chunks.append(chunk)
        return b"".join(chunks)


def _declared(scope: Message, length: int) -> Message:
    headers = [(name, value) for name, value in scope["headers"] if name not in _FRAMING]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}


def _given(body: bytes, receive: Receive) -> Receive:
    # Given away: whoever keeps `receive`, as a connection does until garbage is collected, keeps no body with it.
    bodies = [body]

    async def given() -> Message:
        if not bodies:
            return await receive()
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    return given


async def _refuse(error: AtriumError, send: Send) -> None:
    answer = problems.response(error)
    answer["X-Request-Id"] = new_name()
    answer["Content-Length"] = str(len(answer.content))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
