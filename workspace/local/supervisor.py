"""Brings a plan up, holds it up, replaces what is to be replaced, and takes it down in order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from itertools import groupby
from typing import Any, NoReturn
from urllib.parse import urlsplit

from workspace.local.children import Child
from workspace.local.errors import LocalError, StartFailed
from workspace.local.homes import ENVIRONMENT, RELOADED, STATUS, Home
from workspace.local.launches import last_lines, open_log
from workspace.local.leftovers import Leftover, remember
from workspace.local.logs import trim
from workspace.local.owner import OwnerLink
from workspace.local.plans import Plan, Program
from workspace.local.ports import http_status
from workspace.local.screen import Screen
from workspace.local.tidings import Tidings
from workspace.local.watch import Watch

START_SECONDS = 180.0
REPLACE_SECONDS = 60.0
_TRIM_EVERY = 10.0
_TELL_AGAIN = 1.0
OPTIONAL_SECONDS = 15.0  # that the start waits for what is not vital

RELOAD_SIGNAL = signal.SIGUSR1  # not SIGHUP: a terminal that is closed sends that, and means the end


class Supervisor:
    """One plan in one home. `address` is where the web's own socket listens."""

    def __init__(self, plan: Plan, home: Home, address: tuple[str, int], screen: Screen) -> None:
        self.plan = plan
        self.home = home
        self._tidings = Tidings(screen)
        self.children = [
            Child(role, home.log(role.name), self._changed, self._tidings.died)
            for role in (*plan.servers, *plan.programs)
        ]
        self._address = address
        self._screen = screen
        self._owner_url: str | None = None
        self._telling_again: asyncio.TimerHandle | None = None
        self._stop = asyncio.Event()
        self._trimming: asyncio.Future[None] | None = None
        self._reload: asyncio.Future[None] | None = None
        self._telling: asyncio.Future[None] | None = None
        self._watch = None if sys.platform == "linux" else Watch()

    async def run(self) -> int:
        """Until a signal or `stop` ends it. The exit status: 0, or 1 when it could not be brought up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(RELOAD_SIGNAL, self._start_reload)
        stopping = asyncio.ensure_future(self._stop.wait())
        starting = asyncio.ensure_future(asyncio.wait_for(self._bring_up(), START_SECONDS))
        try:
            await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
            failure = _failure(starting)
            if failure is None:
                await stopping
        finally:
            for task in (starting, stopping, self._trimming, self._reload, self._telling):
                await _cancelled(task)
            await self._take_down()
        if failure is not None:
            self._screen.failed(failure)
        return 0 if failure is None else 1

    def stop(self) -> None:
        """End everything, in order."""
        self._stop.set()

    async def _bring_up(self) -> None:
        self.home.write(ENVIRONMENT, {"shared": dict(self.plan.shared), "migrating": dict(self.plan.migrating)})
        self._trimming = asyncio.ensure_future(self._trim_logs())
        servers = self.children[: len(self.plan.servers)]
        await self._start(servers)
        if self.plan.migration is not None:
            await self._migrate(self.plan.migration)
        programs = self.children[len(self.plan.servers) :]
        link = asyncio.ensure_future(OwnerLink(self.plan, self.home.log("owner_link")).made())
        try:
            await self._start(programs, self._web_answers())
            owner_url = await link
        finally:
            await _cancelled(link)
        self._screen.note(
            f"up in {self._screen.total():.1f} s; data and logs in {self.home.root}; Ctrl-C ends all of it"
        )
        self._screen.fact("ready", self.plan.url)
        if owner_url:
            self._owner_url = owner_url
            self._changed()
            self._screen.fact("owner", owner_url)
        if self.plan.product is not None:
            self._telling = asyncio.ensure_future(self._tidings.engines(self.plan.product, programs))

    async def _start(self, children: list[Child], *conditions: Coroutine[Any, Any, None]) -> None:
        """Until all of them serve and the conditions are met, or one of them fails."""
        began = time.monotonic()

        async def shown(child: Child) -> None:
            if not child.role.is_vital and not await child.settled(OPTIONAL_SECONDS):
                if child.state == "starting":
                    self._screen.note(f"{child.role.name} still loads its model; the rest does not wait for it")
                return
            await child.ready()
            port = f"port {child.role.part.port}" if child.role.part.port else ""
            self._screen.done(child.role.name, began, port)

        for child in children:
            child.start()
        serving = asyncio.gather(*(shown(child) for child in children), *conditions)
        await _unless(serving, [child.fails() for child in children if child.role.is_vital])

    async def _web_answers(self) -> None:
        host = urlsplit(self.plan.url).netloc
        probe = (self._address, "/health/ready", host)
        # The other side is a process, which sets no event.
        while await asyncio.to_thread(http_status, *probe) != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def _migrate(self, migration: Program) -> None:
        began = time.monotonic()
        if self.plan.schema is not None and await asyncio.to_thread(self.plan.schema.is_current):
            self._screen.done("migrate", began, "nothing new")
            return
        await self._once(migration, "migrate")
        self._screen.done("migrate", began)

    async def _once(self, program: Program, name: str) -> None:
        log = self.home.log(name)
        output = open_log(log)
        launch = program.launch()
        process = await asyncio.create_subprocess_exec(*launch.arguments, **launch.options(output))
        os.close(output)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if code != 0:
            raise StartFailed(f"{name} failed. The end of {log}:\n{last_lines(log)}")

    async def _trim_logs(self) -> None:
        while True:
            with suppress(OSError):  # a full disk is told about in `_changed`
                await asyncio.to_thread(trim, self.home.logs)
            await asyncio.sleep(_TRIM_EVERY)

    def _start_reload(self) -> None:
        if self._reload is None or self._reload.done():
            self._reload = asyncio.ensure_future(self._replace_all())

    async def _replace_all(self) -> None:
        """Replace web and turns one after another; stop at the first that does not come up."""
        error = None
        try:
            for child in [child for child in self.children if child.role.is_replaceable]:
                began = time.monotonic()
                await child.replace(REPLACE_SECONDS)
                self._screen.done(child.role.name, began, "replaced")
        except (LocalError, OSError) as problem:
            error = str(problem)
            self._screen.failed(error)
        self.home.write(RELOADED, {"error": error})

    async def _take_down(self) -> None:
        self._screen.heading("Stopping")
        for _, children in groupby(sorted(self.children, key=_rank), key=_rank):
            began = time.monotonic()
            group = list(children)
            living = [child.role.name for child in group if child.pid is not None]
            await asyncio.gather(*(child.end() for child in group))
            for name in living:
                self._screen.done(name, began, "stopped")
        if self._watch is not None:
            self._watch.close()
        for name in (STATUS, ENVIRONMENT):
            (self.home.run / name).unlink(missing_ok=True)

    def _changed(self) -> None:
        """Tell the outside what lives now; where the disk does not take it, again and again until it does."""
        self._tidings.changed(self.children)
        try:
            self._tell_outside()
        except OSError as error:
            if self._telling_again is None:
                self._screen.failed(
                    f"{self.home.root} cannot be written: {error.strerror}. Make room or writable; all goes on then"
                )
            else:
                self._telling_again.cancel()
            self._telling_again = asyncio.get_running_loop().call_later(_TELL_AGAIN, self._changed)
        else:
            if self._telling_again is not None:
                self._screen.note(f"{self.home.root} can be written again")
                self._telling_again.cancel()
            self._telling_again = None

    def _tell_outside(self) -> None:
        processes = [_described(child) for child in self.children]
        status = {"url": self.plan.url, "owner_url": self._owner_url, "home": str(self.home.root)}
        self.home.write(STATUS, {**status, "processes": processes})
        living = [(child.pid, child.stop_signal) for child in self.children if child.pid is not None]
        remember(self.home, [found for pid, number in living if (found := Leftover.of(pid, number))])
        if self._watch is not None:
            self._watch.tell({pid: int(number) for pid, number in living})


def _rank(child: Child) -> int:
    return child.role.rank


def _described(child: Child) -> dict[str, str | int | None]:
    return {
        "name": child.role.name,
        "pid": child.pid,
        "state": child.state,
        "restarts": child.restarts,
        "port": child.role.part.port or None,
    }


def _failure(starting: "asyncio.Future[None]") -> str | None:
    if not starting.done():
        return None
    error = starting.exception()
    if error is None or isinstance(error, LocalError):
        return None if error is None else str(error)
    if isinstance(error, TimeoutError):
        return f"It did not come up within {START_SECONDS:.0f} s. Run `manage.py doctor`, and see the logs."
    raise error


async def _unless(work: "asyncio.Future[Any]", failures: "list[Coroutine[Any, Any, NoReturn]]") -> None:
    """Wait for the work, or for the first of these to raise."""
    watching = [asyncio.ensure_future(failure) for failure in failures]
    try:
        done, _ = await asyncio.wait({work, *watching}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (work, *watching):
            task.cancel()
        # Collects what the cancelled ones end with, so that asyncio does not complain of it at the end.
        await asyncio.gather(work, *watching, return_exceptions=True)


async def _cancelled(task: "asyncio.Future[Any] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait({task})
