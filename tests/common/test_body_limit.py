"""A body that is too long is refused before anything holds it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from workspace.common.body_limit import BodyLimit, Message, Receive, Send


async def reading(scope: Message, receive: Receive, send: Send) -> None:
    """An application that reads the whole body, then says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def ask(chunks: list[bytes], declared: bytes | None = None) -> tuple[int, bytes, int]:
    """Status and body of the answer, and how many chunks were taken."""
    sent: list[Any] = []
    taken = 0

    async def each() -> AsyncIterator[Message]:
        for number, chunk in enumerate(chunks, 1):
            yield {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}

    body = each()

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return await anext(body)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", declared)]
    await BodyLimit(reading, 10)({"type": "http", "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], taken


async def test_a_body_within_the_limit_passes() -> None:
    assert await ask([b"12345", b"67890"], b"10") == (200, b"10", 2)


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    status, body, taken = await ask([b"x" * 11], b"11")

    assert (status, taken) == (413, 0)
    assert b"too_large" in body


@pytest.mark.parametrize("declared", [None, b"x", b"-1", b"0"])
async def test_a_body_that_grows_over_the_limit_is_cut_off(declared: bytes | None) -> None:
    status, _, taken = await ask([b"x" * 6] * 100, declared)

    assert (status, taken) == (413, 2)
