"""What a page costs, by the browser's own counters: thread time of the page's main thread, and bytes over the wire."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

CATEGORIES = ["disabled-by-default-devtools.timeline", "devtools.timeline"]


@dataclass(slots=True)
class MainThread:
    """Milliseconds of processor time that each task of the page's main thread took, in the traced while."""

    tasks: list[float] = field(default_factory=list)

    @property
    def busy(self) -> float:
        return sum(self.tasks)

    @property
    def longest(self) -> float:
        return max(self.tasks, default=0.0)


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[MainThread]:
    """Measures what happens in the block; the figures are there after it."""
    found = MainThread()
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        yield found
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        found.tasks = tasks_of_page(events)


def tasks_of_page(events: list[dict[str, Any]]) -> list[float]:
    """Thread time of the tasks in the busiest renderer's main thread: other renderers wait for a page to come."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    by_thread: dict[tuple[int, int], list[float]] = {thread: [] for thread in mains}
    for event in events:
        thread = (event["pid"], event["tid"])
        if event["name"] == "RunTask" and "tdur" in event and thread in mains:
            by_thread[thread].append(event["tdur"] / 1000)
    return max(by_thread.values(), key=sum, default=[])


@contextmanager
def counted(page: Page) -> Iterator[list[int]]:
    """The bytes of each answer as they came over the wire, headers and compression included."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    yield sizes
    session.detach()
