"""What `up` tells a person beside its steps: which process died and why, and which engines there are."""

import asyncio
import time
from pathlib import Path

from inference.remedies import CANNOT_SERVE
from workspace.local.children import Child
from workspace.local.launches import last_lines
from workspace.local.product import Product, SeenEngine
from workspace.local.screen import Screen

PLUG_IN = "plug in a real model: `GGUF=/path/to/gpt-oss-20b.gguf make up`, or `ENGINE_URL=http://host:port make up`"
_SETTLED = 10.0  # seconds that `turns` is given to look at its engines
_EVERY = 0.25


def reason_in(log: Path) -> str:
    """Why an engine cannot serve, as the end of its log says; empty where that says something else.

    llama.cpp's own threads may still have a word after it. A record of ours, which is JSON, means a later start.
    """
    for line in reversed(last_lines(log, 3).splitlines()):
        if line.startswith(CANNOT_SERVE):
            return line.removeprefix(CANNOT_SERVE)
        if line.startswith("{"):
            break
    return ""


class Tidings:
    """Says each thing once: a process that dies again and again for the same reason is not news."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._told: dict[str, str] = {}

    def died(self, child: Child, how: str) -> None:
        reason = reason_in(child.log)
        if self._told.get(child.role.name) == (reason or how):
            return
        self._told[child.role.name] = reason or how
        why = reason or f"{how}. See {child.log}"
        self._screen.failed(f"{child.role.name} ended, and is started again: {why}")

    def changed(self, children: list[Child]) -> None:
        """Looks whether one that had died runs again."""
        for child in children:
            if child.state == "running" and self._told.pop(child.role.name, None) is not None:
                self._screen.note(f"{child.role.name} runs again")

    async def engines(self, product: Product, children: list[Child]) -> None:
        """Says which engines `turns` has found, and what to do about those that it has not."""
        own = [child for child in children if not child.role.is_vital]
        deadline = time.monotonic() + _SETTLED
        # The other side is a table, which sets no event.
        while not _settled(seen := await asyncio.to_thread(product.engines)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_EVERY)
        if not seen and not own:
            self._screen.failed(f"no engine: {PLUG_IN}")
        are_up = all(child.state == "running" for child in own)
        # Why one of this machine does not run has been said.
        tell([engine for engine in seen if engine.state == "ready" or are_up], self._screen)


def tell(engines: list[SeenEngine], screen: Screen) -> None:
    """Each engine, for people: what it serves, or what to do."""
    for engine in engines:
        if engine.state != "ready":
            screen.failed(f"{engine.name}: {engine.remedy.what} {engine.remedy.remedy}")
        elif engine.is_test_model:
            screen.note(f"{engine.name}: {engine.model} is a test model that knows very little")
        else:
            screen.note(f"{engine.name}: {engine.model} ({engine.kind})")
    if any(engine.is_test_model for engine in engines):
        screen.note(PLUG_IN)


def _settled(seen: list[SeenEngine]) -> bool:
    return bool(seen) and all(engine.state != "starting" or engine.problem for engine in seen)
