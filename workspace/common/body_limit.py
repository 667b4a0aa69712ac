"""Refuses a body that is too long before it is gathered: neither memory nor a temporary file ever holds it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from workspace.common import problems
from workspace.common.errors import TooLarge
from workspace.common.middleware import new_name

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class _TooLong(Exception):
    """More bytes came than were allowed."""


class BodyLimit:
    """ASGI: lets bodies of up to `limit` bytes pass, and answers 413 to others."""

    def __init__(self, application: Application, limit: int) -> None:
        self._application, self._limit = application, limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await _refuse(send)
            return
        try:
            await self._application(scope, self._counted(receive), send)
        except _TooLong:  # Django reads the whole body before it begins to answer
            await _refuse(send)

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise _TooLong
            return message

        return counted


async def _refuse(send: Send) -> None:
    answer = problems.response(TooLarge())
    answer["X-Request-Id"] = new_name()
    answer["Content-Length"] = str(len(answer.content))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
