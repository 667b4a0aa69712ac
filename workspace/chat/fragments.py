"""A turn's events as fragments of HTML for a page: `?as=html`.

The text comes as what a page has to do to show it (`prose.growing`), about ten times a second at most; the final event
brings the whole answer, rendered at once. A reader who goes on in the middle gets what follows: the text before is read
from the journal again, silently, and cut into the same blocks as it was for them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import translation

from workspace.chat.frames import COMMENT, framed
from workspace.common import prose
from workspace.common.prose.growing import Added, GrowingProse, Redrawn
from workspace.runs.contracts import Event, Watch
from workspace.runs.tails import hub

PACE: Final = 0.1  # seconds between two changes of the text
# Code points that are rendered on the event loop at once, a matter of a few milliseconds. More goes to a thread.
LIGHT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what they saw last (0: nothing), the language of the words around code and tables, and the text that
    the answer held when they came: the prefix of a continued one.
    """

    after: int
    language: str
    held: str = field(repr=False)


async def stream(watch: Watch, reader: Reader, keep_alive: float) -> AsyncIterator[bytes]:
    """The bytes of the events after the one that the reader saw last, to the final one; a comment after each silence
    of so many seconds.
    """
    page = _Page(reader)
    async with aclosing(hub().bundles(watch, 0, keep_alive)) as bundles:
        coming = asyncio.ensure_future(anext(bundles, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=page.rest)
                events: list[Event] = []
                if coming.done():
                    taken = coming.result()
                    if taken is None:
                        return
                    coming = asyncio.ensure_future(anext(bundles, None))
                    if not taken:
                        yield COMMENT
                    events = taken
                if told := await _told(page, events):
                    yield told
        finally:
            coming.cancel()
            await asyncio.wait({coming})


async def _told(page: "_Page", events: list[Event]) -> bytes:
    return page.told(events) if page.weight(events) <= LIGHT else await asyncio.to_thread(page.told, events)


class _Page:
    """What one reader's page shows, and what it still has to be told."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._prose = GrowingProse()
        self._text: list[str] = []
        self._length = 0
        self._begun = False
        self._is_known = reader.after > 0  # the reader has what comes now
        self._sequence = 0
        self._untold = False
        self._next = 0.0

    @property
    def rest(self) -> float | None:
        """Seconds until the text is told; None where that waits for more of it."""
        return max(0.0, self._next - time.monotonic()) if self._untold and self._prose.is_due else None

    def weight(self, events: list[Event]) -> int:
        """About how many code points `told` has to render."""
        fresh = sum(len(event.data["delta"]) for event in events if event.type == "text")
        final = self._length if any(event.is_final or event.type == "replaced" for event in events) else 0
        return self._prose.waiting + fresh + final

    def told(self, events: list[Event]) -> bytes:
        """The bytes that these events bring, and the text if it is time."""
        with translation.override(self._reader.language):
            frames = [frame for event in events for frame in self._frames(event)]
            if self.rest == 0:
                frames += self._drawn()
        return b"".join(frames)

    def _frames(self, event: Event) -> Iterator[bytes]:
        if event.sequence > self._reader.after and self._is_known:
            self._is_known = False
            self._prose.pass_over()
        match event.type:
            case "text":
                self._write(event)
            case "replaced":
                yield from self._replaced(event)
            case _ if not self._is_known:
                yield from self._other(event)
        self._sequence = event.sequence

    def _write(self, event: Event) -> None:
        if not self._begun:
            self._feed(self._reader.held[: event.data["at"]])
        self._feed(event.data["delta"])
        self._begun = True
        self._untold = not self._is_known

    def _feed(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)
        self._prose.feed(text)

    def _drawn(self) -> Iterator[bytes]:
        """The text up to the last event, if a page would show more of it."""
        self._untold = False
        change = self._prose.change()
        if change:
            self._next = time.monotonic() + PACE
            yield framed(self._sequence, "blocks", _said(change))

    def _replaced(self, event: Event) -> Iterator[bytes]:
        self._prose, self._text, self._length = GrowingProse(), [], 0
        self._begun, self._untold = True, False
        self._feed(event.data["text"])
        if not self._is_known:
            change = self._prose.change() or Redrawn("body", 0, "", 0)
            yield framed(event.sequence, "replaced", {"reason": event.data["reason"], **_said(change)})

    def _other(self, event: Event) -> Iterator[bytes]:
        if not event.is_final:
            if self._untold:
                yield from self._drawn()
            yield framed(event.sequence, event.type, event.data)
            return
        self._untold = False
        whole = "".join(self._text) if self._begun else self._reader.held
        yield framed(event.sequence, event.type, {**event.data, "html": prose.rendered(whole)})


def _said(change: Redrawn | Added) -> Mapping[str, Any]:
    if isinstance(change, Added):
        return {"place": "open", "text": change.text}
    return {"place": change.place, "from": change.start, "html": change.html, "closed": change.closed}
