"""Plays one answer into a connection at a steady rate: the pieces are made beforehand and one timer a stream sends
them.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.answers import Answer


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` at the `at`-th id of an answer, counted from the answer's begin, the first time that a prompt is seen.

    cut: the connection breaks · hang: silence for good · slow: 30 s of silence · error: an error event · malformed:
    an event that is no JSON · stall: silence before anything is sent · 500, 503: refused at once.
    """

    kind: str = "none"
    at: int = 0

    @classmethod
    def parse(cls, text: str) -> "Fault":
        kind, _, at = text.partition(":")
        return cls(kind, int(at or 0))


@dataclass(slots=True)
class Record:
    """What the engine knows of one request. `end`: stop, length, client (left early) or fault; `mono`: begin and end
    on the monotonic clock.
    """

    answer: Answer
    ids: list[int]
    body: dict[str, Any]
    at: float = field(default_factory=time.time)
    mono: list[float | None] = field(default_factory=lambda: [time.monotonic(), None])
    closed_at: float | None = None
    sent: int = 0
    end: str = ""
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self, end: str) -> None:
        if self.closed_at is None:
            self.end = self.end or end
            self.closed_at, self.mono[1] = time.time(), time.monotonic()
            self.closed.set()

    def as_json(self, *, with_ids: bool) -> dict[str, Any]:
        record = {
            "at": self.at,
            "closed_at": self.closed_at,
            "mono": self.mono,
            "prompt": self.answer.head,
            "prefix": self.answer.prefix,
            "diverged": self.answer.diverged,
            "sent": self.sent,
            "end": self.end,
            "final": self.answer.final,
            "body": self.body,
        }
        return record | {"ids": self.ids} if with_ids else record


@dataclass(slots=True)
class Playback:
    """Sends `pieces` (one an id, some empty) through `write`, then calls `done`. `interval` is seconds between ids."""

    record: Record
    pieces: list[bytes]
    write: Callable[[bytes], None]
    done: Callable[[], None]
    interval: float
    begin: float
    fault_at: int = -1
    on_fault: Callable[[], float | None] = lambda: None
    _timer: asyncio.TimerHandle | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def start(self) -> None:
        self._timer = self._loop.call_at(self._loop.time() + self.begin, self._play, self._loop.time() + self.begin)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _play(self, origin: float) -> None:
        """Sends all that is due: one id at a settled rate, more after a stall of the machine, all at once without a
        rate.
        """
        now = self._loop.time()
        last = len(self.pieces) if not self.interval else min(int((now - origin) / self.interval) + 1, len(self.pieces))
        for position in range(self.record.sent, last):
            if position == self.fault_at:
                self._break(origin)
                return
            self.record.sent += 1
            if piece := self.pieces[position]:
                self.write(piece)
        if self.record.sent == len(self.pieces):
            self.done()
        else:
            self._timer = self._loop.call_at(origin + self.record.sent * self.interval, self._play, origin)

    def _break(self, origin: float) -> None:
        pause, self.fault_at = self.on_fault(), -1
        if pause is not None:
            self._timer = self._loop.call_later(pause, self._play, origin + pause)
