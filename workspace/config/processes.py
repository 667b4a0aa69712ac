"""The processes of the product: what `manage.py run NAME` runs in the foreground."""

import asyncio
import ctypes
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import uvicorn
from django.utils.module_loading import import_string

from workspace.common import environment
from workspace.common.readiness import say_ready
from workspace.config.heads import BoundedHeads

# Seconds that requests in flight have after SIGTERM. A stream that is cut resumes where it was.
GRACE: Final = 5
# Seconds that an idle connection is kept: longer than proxies keep theirs (60 is usual), so that none asks on one that
# is just being closed, which its client would see as a bad gateway.
KEPT: Final = 75
# Seconds in which a process that another one relieves (SIGTERM) still answers on the connections that were used lately,
# and says on each that it closes. Closed at once, one on which a request is just coming would fail that request.
LEAVING: Final = 5.0
# Bytes from which a block is given back to the system as soon as it is free (glibc's M_MMAP_THRESHOLD). Left to itself
# glibc raises this with the largest block it has seen, and each thread keeps what its largest request body took.
GIVEN_BACK: Final = 131_072
_MMAP_THRESHOLD: Final = -3


class Web(uvicorn.Server):
    """uvicorn, which says when it serves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            say_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Pages that only listen are let go at once, and come back to whoever serves next; what writes has its time.
        After SIGINT nobody serves next.
        """
        from workspace.chat.notices import hub  # noqa: PLC0415 - needs the models

        for server in self.servers:
            server.close()
        self.server_state.default_headers.append((b"connection", b"close"))
        await hub().close()
        if signal.SIGINT not in self._captured_signals:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVING):
                    await self._relieved()
        await super().shutdown(sockets)

    async def _relieved(self) -> None:
        """Returns when no connection is left that was used lately."""
        loop = asyncio.get_running_loop()
        while self.server_state.connections:
            for connection in list(self.server_state.connections):
                kept = getattr(connection, "timeout_keep_alive_task", None)  # while it is idle; due after KEPT
                if kept is not None and kept.when() - loop.time() < KEPT - LEAVING:
                    connection.shutdown()
            await asyncio.sleep(0.05)


def _give_back_large_blocks() -> None:
    """Where the C library is glibc; others have no such habit, or no such choice."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_MMAP_THRESHOLD, GIVEN_BACK)


def web() -> None:
    """HTTP on the socket that the supervisor listens on (ATRIUM_SOCKET_FD), else on ATRIUM_HOST and ATRIUM_PORT."""
    _give_back_large_blocks()
    config = uvicorn.Config(
        "workspace.config.asgi:application",
        host=environment.text("ATRIUM_HOST", "127.0.0.1"),
        port=environment.number("ATRIUM_PORT", 8000),
        loop="uvloop",
        http=BoundedHeads,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would write query strings; the middleware writes its own line
        server_header=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=GRACE,
        forwarded_allow_ips=",".join(environment.listed("ATRIUM_TRUSTED_PROXIES")),
    )
    handle = environment.number("ATRIUM_SOCKET_FD", 0)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again at its end
        Web(config).run([socket.socket(fileno=handle)] if handle else None)


def worker() -> None:
    """Jobs and what the clock is due to do."""
    from workspace.config.celery import work  # noqa: PLC0415 - only this process pays for it

    work()


def _of_room(place: str) -> Callable[[], None]:
    """The `main` of a room's own process, imported by that process only."""

    def run() -> None:
        import_string(place)()

    return run


PROCESSES: Final[dict[str, Callable[[], None]]] = {
    "web": web,
    "turns": _of_room("workspace.runs.runner.main"),
    "worker": worker,
    "engine": _of_room("inference.local_engine.main"),
}
