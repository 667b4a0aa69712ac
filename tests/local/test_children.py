import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from workspace.local import children
from workspace.local.children import Child, Role
from workspace.local.errors import StartFailed
from workspace.local.launches import Launch

SAYS_READY = "import os, signal; os.write(int(os.environ['ATRIUM_READY_FD']), b'1'); signal.pause()"
SAYS_NOTHING = "import signal; signal.pause()"
CRASHES = "import sys; sys.exit('crashed')"


@dataclass
class Script:
    """A program in one line of Python; its text may be changed between two launches."""

    text: str
    folder: Path
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    launched: list[float] = field(default_factory=list)

    def launch(self) -> Launch:
        self.launched.append(time.monotonic())
        return Launch((sys.executable, "-S", "-c", self.text), self.environment, self.folder)

    def is_ready(self) -> None:
        """Says so itself."""


class Watched:
    """A child, and the means to wait until something is true of it."""

    def __init__(self, script: Script) -> None:
        self._changed = asyncio.Event()
        self.states: list[str] = []
        self.child = Child(Role("script", script, 0, patience=5.0), script.folder / "script.log", self._tell)

    def _tell(self) -> None:
        if self.states[-1:] != [self.child.state]:
            self.states.append(self.child.state)
        self._changed.set()

    async def until(self, question: Callable[[Child], bool]) -> None:
        async with asyncio.timeout(10):
            while not question(self.child):
                self._changed.clear()
                await self._changed.wait()


async def test_is_running_as_soon_as_it_says_so(folder: Path) -> None:
    child = Watched(Script(SAYS_READY, folder)).child

    child.start()
    await child.ready()

    assert child.state == "running"
    assert child.pid is not None
    await child.end()
    assert child.state == "stopped"


async def test_a_program_that_never_says_so_is_running_once_it_has_settled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "SETTLED", 0.2)
    child = Watched(Script(SAYS_NOTHING, folder)).child

    child.start()
    await child.ready()

    assert child.state == "running"
    await child.end()


async def test_pauses_double_up_to_the_longest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LONGEST_PAUSE", 0.4)
    script = Script(CRASHES, folder)
    watched = Watched(script)
    child = watched.child

    child.start()
    await watched.until(lambda child: child.restarts == 5)
    await child.end()

    pauses = [later - earlier for earlier, later in zip(script.launched, script.launched[1:], strict=False)]
    assert all(pause >= least for pause, least in zip(pauses, (0.1, 0.2, 0.4, 0.4), strict=True))
    assert pauses[3] < 0.8


async def test_a_healthy_life_sets_the_pause_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "HEALTHY", 0.0)
    script = Script(CRASHES, folder)
    watched = Watched(script)
    child = watched.child

    child.start()
    await watched.until(lambda child: child.restarts == 6)
    await child.end()

    assert script.launched[-1] - script.launched[0] < 0.1 + 0.2 + 0.4 + 0.8


async def test_three_early_deaths_are_told_with_the_end_of_the_log(folder: Path) -> None:
    child = Watched(Script(CRASHES, folder)).child

    child.start()
    with pytest.raises(StartFailed, match=r"does not stay up(.|\n)*crashed"):
        await child.fails()

    await child.end()
    assert child.restarts >= 3


async def test_a_program_that_is_not_there_is_told_in_the_log(folder: Path) -> None:
    class Missing(Script):
        def launch(self) -> Launch:
            return Launch((str(self.folder / "nothing"),), {}, self.folder)

    child = Watched(Missing("", folder)).child

    child.start()
    with pytest.raises(StartFailed, match="No such file"):
        await child.fails()
    await child.end()


async def test_ending_in_the_middle_of_a_pause_does_not_wait_for_it(folder: Path) -> None:
    script = Script(CRASHES, folder)
    watched = Watched(script)
    child = watched.child
    child.start()
    await watched.until(lambda child: child.restarts == 5)  # the next pause is longer than a second
    began = time.monotonic()

    await child.end()

    assert time.monotonic() - began < 1
    assert child.state == "stopped"


async def test_a_successor_takes_the_place_without_a_restart(folder: Path) -> None:
    child = Watched(Script(SAYS_READY, folder)).child
    child.start()
    await child.ready()
    before = child.pid

    await child.replace(10)

    assert child.pid not in {None, before}
    assert (child.state, child.restarts) == ("running", 0)
    await child.end()


async def test_a_successor_that_does_not_serve_in_time_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "SETTLED", 60.0)
    script = Script(SAYS_READY, folder)
    child = Watched(script).child
    child.start()
    await child.ready()
    before = child.pid
    script.text = SAYS_NOTHING

    with pytest.raises(StartFailed, match="the old one goes on"):
        await child.replace(0.5)

    assert child.pid == before
    await child.end()


async def test_every_change_of_state_is_told(folder: Path) -> None:
    watched = Watched(Script(SAYS_READY, folder))
    child = watched.child

    child.start()
    await child.ready()
    await child.end()

    assert watched.states == ["starting", "running", "stopping", "stopped"]
