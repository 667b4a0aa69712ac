"""A server that answers every request with the same bytes and then closes: for recordings and for broken engines."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def answering(response: bytes, piece: int = 0) -> AsyncIterator[str]:
    """The address of the server. `piece`: how many bytes go out at a time (0: all)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = piece or len(response) or 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError), contextlib.closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            for begin in range(0, len(response), size):
                writer.write(response[begin : begin + size])
                await writer.drain()  # whoever asked may have had enough

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def stream_of(*events: str) -> bytes:
    """A response of status 200 that ends with its connection."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    return (head + "".join(f"data: {event}\n\n" for event in events)).encode()
