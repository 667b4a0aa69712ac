"""A client that asks for a stream and does not read it."""

import asyncio
import socket
from pathlib import Path

from tests.product.client import Client

# The kernel's table of sockets.
SOCKETS = Path("/proc/net/tcp")


def narrow_socket() -> socket.socket:
    """A socket that lets little be sent to it: on loopback, large segments alone make the sender buffer 2.6 MB."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    made.setblocking(False)
    return made


async def request_events(reader: socket.socket, client: Client, turn: str) -> None:
    host, port = client.url.removeprefix("http://").split(":")
    authorization = client.session.headers["Authorization"]
    lines = [f"GET /api/turns/{turn}/events HTTP/1.1", f"Host: {host}", f"Authorization: {authorization}", "", ""]
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, ((await loop.getaddrinfo(host, int(port), family=socket.AF_INET))[0][4]))
    await loop.sock_sendall(reader, "\r\n".join(lines).encode())


def held_by_kernel(reader: socket.socket) -> int:
    """Bytes that were sent to the reader and not read: unacknowledged at the server's end, or waiting at its own."""
    own, other = (f":{address[1]:04X}" for address in (reader.getsockname(), reader.getpeername()))
    held = 0
    for line in SOCKETS.read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        sending, receiving = (int(queue, 16) for queue in queues.split(":"))
        if local.endswith(other) and remote.endswith(own):
            held += sending
        elif local.endswith(own) and remote.endswith(other):
            held += receiving
    return held


async def rest_of(reader: socket.socket) -> bytes:
    """The body from its begin to its end, without the sizes of its chunks; a chunk is one or more whole events."""
    received = b""
    async with asyncio.timeout(60):
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += await asyncio.get_running_loop().sock_recv(reader, 65536)
    body = received.partition(b"\r\n\r\n")[2]
    return b"".join(body.split(b"\r\n")[1::2])
