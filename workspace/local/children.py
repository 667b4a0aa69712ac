"""Processes that are kept alive: started, watched, restarted with growing pauses, replaced, ended."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, Self

from workspace.local.errors import LocalError, StartFailed
from workspace.local.launches import Launch, Part, last_lines, open_log

FIRST_PAUSE = 0.1  # seconds; doubled at each death
LONGEST_PAUSE = 10.0
# Seconds alive after which the pauses begin anew. A part that cannot work dies within one or two; one that was killed
# must not be kept waiting for what killed it before.
HEALTHY = 5.0
SETTLED = 10.0  # seconds alive after which a program that never says "ready" is taken as running
PROBE_EVERY = 0.05
DEATHS_AT_START = 3  # so many, each before it was healthy, and it is said to fail


class Life:
    """One process from its start to its end, with everything that it started."""

    def __init__(self, process: asyncio.subprocess.Process, launch: Launch, announced: asyncio.Event) -> None:
        self.pid = process.pid
        self.began = time.monotonic()
        self._process = process
        self._launch = launch
        self._announced = announced

    @classmethod
    async def begin(cls, launch: Launch, log: Path) -> Self:
        """Start it. It may write a byte to the descriptor ATRIUM_READY_FD as soon as it serves."""
        reader, writer = os.pipe()
        announced = asyncio.Event()
        asyncio.get_running_loop().add_reader(reader, _hear, reader, announced)
        told = {**launch.environment, "ATRIUM_READY_FD": str(writer)}
        launch = replace(launch, environment=told, descriptors=(*launch.descriptors, writer))
        output = open_log(log)
        try:
            process = await asyncio.create_subprocess_exec(*launch.arguments, **launch.options(output))
        except OSError:
            _stop_hearing(reader)
            raise
        finally:
            os.close(output)
            os.close(writer)
        return cls(process, launch, announced)

    @property
    def stop_signal(self) -> signal.Signals:
        return self._launch.stop_signal

    async def serves(self, part: Part) -> None:
        """Return when it answers; when it cannot be asked, when it has said so or has lived for a while."""
        # The other side is a process, which sets no event
        while (answer := await asyncio.to_thread(part.is_ready)) is False:  # noqa: ASYNC110
            await asyncio.sleep(PROBE_EVERY)
        if answer is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._announced.wait(), SETTLED)

    async def ended(self) -> None:
        """Return when the process is gone, and end what is left of its group (a worker's own children)."""
        await self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def how(self) -> str:
        """How it ended."""
        code = self._process.returncode or 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    async def relieved(self, patience: float) -> None:
        """Ask it to hand over to who serves beside it now; kill it when it has not ended after so many seconds."""
        await self._asked(signal.SIGTERM, patience)

    async def end(self, patience: float) -> None:
        """Ask it to end; kill it when it has not after so many seconds."""
        await self._asked(self.stop_signal, patience)

    async def _asked(self, number: signal.Signals, patience: float) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        try:
            await asyncio.wait_for(self.ended(), patience)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self.ended()


@dataclass(frozen=True)
class Role:
    """What is kept alive under a name. `patience`: seconds it may take to end. Ends in the order of `rank`.

    `is_vital`: without it nothing works, so a start that it fails is a failed start.
    """

    name: str
    part: Part
    rank: int
    patience: float = 10.0
    is_replaceable: bool = False
    is_vital: bool = True


class Child:
    """A role, and the life that fills it now. States: starting, running, restarting, stopping, stopped.

    `died` is told of each death that nobody asked for, with how it came.
    """

    def __init__(
        self, role: Role, log: Path, changed: Callable[[], None], died: Callable[["Child", str], None] | None = None
    ) -> None:
        self.role = role
        self.log = log
        self.state = "starting"
        self.restarts = 0
        self._changed = changed
        self._died = died
        self._how = ""
        self._life: Life | None = None
        self._ready = asyncio.Event()
        self._ending = asyncio.Event()
        self._failing = asyncio.Event()
        self._pause = FIRST_PAUSE
        self._keeping: asyncio.Future[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._life.pid if self._life else None

    @property
    def stop_signal(self) -> signal.Signals:
        return self._life.stop_signal if self._life else signal.SIGTERM

    def start(self) -> None:
        """Hold the role filled until `end`."""
        self._keeping = asyncio.ensure_future(self._keep())

    async def _keep(self) -> None:
        while not self._ending.is_set():
            await self._live()
            if self._ending.is_set():
                break
            self.restarts += 1
            self._enter("restarting")
            if self._died is not None:
                self._died(self, self._how)
            if self.restarts >= DEATHS_AT_START and self._pause > FIRST_PAUSE:
                self._failing.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._life = None
        self._enter("stopped")

    async def ready(self) -> None:
        """Wait until it served for the first time."""
        await self._ready.wait()

    async def settled(self, within: float) -> bool:
        """Wait until it served for the first time, has died again and again, or so many seconds have passed; whether
        it serves.
        """
        waits = [asyncio.ensure_future(event.wait()) for event in (self._ready, self._failing)]
        await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return self._ready.is_set()

    async def fails(self) -> NoReturn:
        """Wait until it has died again and again.

        Raises:
            StartFailed: always; the text ends with the last lines of its log.
        """
        await self._failing.wait()
        raise StartFailed(f"{self.role.name} does not stay up. The end of {self.log}:\n{last_lines(self.log)}")

    async def replace(self, within: float) -> None:
        """Start a successor, and end the present process only when that one serves.

        Raises:
            StartFailed: the successor died or did not serve in time; the present process goes on.
        """
        successor = await self._begin()
        died = asyncio.ensure_future(successor.ended())
        serves = asyncio.ensure_future(successor.serves(self.role.part))
        await asyncio.wait({died, serves}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if died.done() or not serves.done():
            serves.cancel()
            await successor.end(0.0)
            raise StartFailed(f"the new {self.role.name} did not serve; the old one goes on. See {self.log}")
        died.cancel()
        old, self._life = self._life, successor
        self._enter("running")
        if old is not None:
            await old.relieved(self.role.patience)

    async def end(self) -> None:
        """End it for good."""
        self._ending.set()
        if self._life is not None:
            self._enter("stopping")
            await self._life.end(self.role.patience)
        if self._keeping is not None:
            await self._keeping

    async def _live(self) -> None:
        """One life, or several when it is replaced; returns at a death that nobody asked for."""
        self._enter("starting")
        try:
            life = await self._begin()
        except (LocalError, OSError) as error:
            with contextlib.suppress(OSError), os.fdopen(open_log(self.log), "a") as log:  # the disk may be full
                log.write(f"{error}\n")
            self._how = str(error)
            return
        self._life = life
        if self._ending.is_set():
            await life.end(self.role.patience)
        serving = asyncio.ensure_future(self._become_running(life))
        while True:
            await life.ended()
            if self._life is life:
                break
            life = self._life
        serving.cancel()
        self._life, self._how = None, life.how()
        if time.monotonic() - life.began > HEALTHY:
            self._pause = FIRST_PAUSE

    async def _begin(self) -> Life:
        # In a thread: a first launch may make a whole cluster. The start itself stays in this thread (see Launch).
        launch = await asyncio.to_thread(self.role.part.launch)
        return await Life.begin(launch, self.log)

    async def _become_running(self, life: Life) -> None:
        self._changed()
        await life.serves(self.role.part)
        if self._life is life:
            self._ready.set()
            self._enter("running")

    def _enter(self, state: str) -> None:
        self.state = state
        self._changed()


def _hear(reader: int, announced: asyncio.Event) -> None:
    if os.read(reader, 16):
        announced.set()
    _stop_hearing(reader)


def _stop_hearing(reader: int) -> None:
    asyncio.get_running_loop().remove_reader(reader)
    os.close(reader)
