"""The system's Chromium, started so that nothing but the pages uses the network."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The browser's own traffic would try to leave the machine.
FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


class NoChromium(RuntimeError):
    """There is none on this machine."""


@contextmanager
def chromium() -> Iterator[tuple[Playwright, Browser]]:
    """A running browser without a window.

    Raises:
        NoChromium: it is not installed.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoChromium("apt install chromium")
    # Root cannot use the sandbox.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield playwright, browser
        finally:
            browser.close()
