"""What a person sees while it starts, runs and ends. Colour only on a terminal."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rich.console import Console


class Screen:
    """Writes to standard output, one line a step, each with the seconds it took."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    def _print(self, text: str, **style: Any) -> None:
        """What cannot be said, because it goes into a file on a full disk, is no reason to end."""
        with suppress(OSError):
            self._console.print(text, **style)

    def heading(self, text: str) -> None:
        self._print(text, style="bold", markup=False)

    def done(self, what: str, began: float, detail: str = "") -> None:
        """A step that began at this reading of the monotonic clock has succeeded."""
        seconds = time.monotonic() - began
        self._print("  [green]ok[/]  ", end="")
        self._print(f"{what:<10}{seconds:6.2f} s  {detail}".rstrip(), markup=False)

    def note(self, text: str) -> None:
        self._print("  [yellow]--[/]  ", end="")
        self._print(text, markup=False)

    def failed(self, text: str) -> None:
        self._print("  [red]no[/]  ", end="")
        self._print(text, markup=False)

    def fact(self, name: str, value: str) -> None:
        """A line that programs read: the name, a blank, the value."""
        self._print(f"{name} {value}", markup=False, style="bold")

    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def process(self, process: Mapping[str, str | int | None]) -> None:
        """One process of `status --json`, for people."""
        parts = [f"{process['name']:<12}{process['state']:<12}pid {process['pid'] or '-':<9}"]
        parts += [f"port {process['port']}"] if process["port"] else []
        parts += [f"{process['restarts']} restarts"] if process["restarts"] else []
        self._print("  " + "  ".join(parts), markup=False)

    def found_well(self, name: str, detail: str, _remedy: str) -> None:
        self._print("  [green]ok[/]  ", end="")
        self._print(f"{name:<10}{detail}", markup=False)

    def found_ill(self, name: str, detail: str, remedy: str) -> None:
        self.failed(f"{name:<10}{detail}")
        self._print(f"{'':<16}-> {remedy}", markup=False)
