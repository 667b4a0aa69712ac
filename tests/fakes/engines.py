"""Starts fake engines: as processes that a test can kill, or inside the test's own loop."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import orjson

from tests.fakes.playback import Record
from tests.fakes.raw_engine import EngineSettings, RawEngine

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class EngineProcess:
    """A fake engine as a process of its own, on a port that stays the same over restarts. `options` as on its command
    line.
    """

    options: tuple[str, ...] = ()
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns when it listens."""
        command = [sys.executable, "-m", "tests.fakes.raw_engine", "--port", str(self.port), *self.options]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        word, _, port = self._process.stdout.readline().partition(" ")
        assert word == "ready", "the fake engine did not start"
        self.port = int(port)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Returns when it is gone."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def log(self, *, prompts: bool = False) -> list[dict[str, Any]]:
        """One record a request, oldest first; `final` is the whole text that its prompt leads to."""
        with urlopen(f"{self.url}/log{'?prompts=1' if prompts else ''}", timeout=5) as response:  # noqa: S310
            records: list[dict[str, Any]] = orjson.loads(response.read())
        return records


@contextmanager
def engine_process(*options: str, port: int = 0) -> Iterator[EngineProcess]:
    """A started fake engine, gone at the end."""
    engine = EngineProcess(options, port)
    engine.start()
    try:
        yield engine
    finally:
        engine.kill()


@contextmanager
def both_kinds(*options: str) -> Iterator[dict[str, EngineProcess]]:
    """Two fake engines by their kind: one speaks as llama.cpp, one as vLLM."""
    with engine_process(*options, "--kind", "llamacpp") as one, engine_process(*options, "--kind", "vllm") as other:
        yield {"llamacpp": one, "vllm": other}


@dataclass(frozen=True, slots=True)
class LocalEngine:
    engine: RawEngine
    server: asyncio.Server
    url: str

    async def asked(self) -> None:
        """Returns when a first completion was asked for."""
        async with asyncio.timeout(5):
            await self.engine.was_asked.wait()

    async def closed(self, number: int) -> Record:
        """The record of its request of this number (from 0), once the engine knows that it is over."""
        record = self.engine.log[number]
        async with asyncio.timeout(5):
            await record.closed.wait()
        return record


@asynccontextmanager
async def local_engine(settings: EngineSettings) -> AsyncIterator[LocalEngine]:
    """A fake engine in this loop, over a real socket."""
    engine = RawEngine(settings)
    server = await engine.listen()
    try:
        yield LocalEngine(engine, server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
