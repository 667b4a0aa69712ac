"""A network between two processes that can be made slow, silent or broken."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

# Closing then sends a reset instead of an orderly end.
ABORT = struct.pack("ii", 1, 0)
CHUNK = 65_536


class Proxy:
    """Carries bytes between its own `port` and another of this machine, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._delay = 0.0
        self._flows = asyncio.Event()
        self._is_refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Returns when it listens."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def delay(self, seconds: float) -> None:
        """From now on each piece comes so much later."""
        self._delay = seconds

    def stall(self) -> None:
        """Carries nothing, and keeps what comes; connections are taken, and nobody answers."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def resume(self) -> None:
        """Carries what was kept, and all that comes."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def reset(self, *, refusing: bool) -> None:
        """Ends every connection by a reset; `refusing`: each new one as well, from now on."""
        self._is_refusing = refusing
        self._wait(self._reset())

    def accept(self) -> None:
        """Takes connections again."""
        self._is_refusing = False

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._flows.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._accepted, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            _abort(writer)
            return
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _abort(writer)
            return
        both = {writer, their_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._carry(reader, their_writer), self._carry(their_reader, writer))
        except OSError:
            pass
        finally:
            self._writers -= both
            for each in both:
                each.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self._delay:
                await asyncio.sleep(self._delay)
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            with suppress(OSError):
                writer.write_eof()

    async def _reset(self) -> None:
        for writer in list(self._writers):
            _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    writer.transport.abort()


@contextmanager
def proxy_to(target: int) -> Iterator[Proxy]:
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
