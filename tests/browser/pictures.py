"""The pictures of `docs/screens/`, written when `SCREENS=1`."""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.court import PHONE, WIDE

WRITES: Final = os.environ.get("SCREENS") == "1"
FOLDER: Final = Path(__file__).parents[2] / "docs" / "screens"
SIZES: Final[dict[str, ViewportSize]] = {"wide": WIDE, "phone": PHONE}
# One of each pair for either language keeps the folder small: what is looked at by axe is all of them.
KEPT: Final = {"en": "wide", "ja": "phone"}
QUALITY: Final = 60
# In the shell only the room scrolls, never the page with its sidebar and its bar.
BEHIND = "() => document.querySelector('.shell') !== null && document.documentElement.scrollHeight > innerHeight + 1"
SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
# Fonts are there, the change of theme has been drawn, and nothing moves any more but what moves for ever.
SETTLED = """async () => {
    await document.fonts.ready;
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
    const moving = document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity);
    const still = Promise.all(moving.map(one => one.finished.catch(() => null)));
    await Promise.race([still, new Promise(done => setTimeout(done, 1000))]);
}"""


# The thread alone is scrolled: the browser's own way would move every box around it too.
INTO_VIEW = """async element => {
    const scroller = element.closest(".room-scroll");
    const off = () => element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 24;
    for (let frame = 0; frame < 10; frame += 1) { // a chat that was at its end follows it for some frames
        scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 })); // a reader who scrolls up is let go
        scroller.scrollTop += off();
        await new Promise(done => requestAnimationFrame(done));
    }
}"""


def combinations(language: str, sizes: Sequence[str]) -> list[tuple[str, str]]:
    """Themes with sizes: all of them when pictures are written, else half, so that both languages together have all."""
    if WRITES or len(sizes) == 1:
        return [(theme, size) for theme in ("light", "dark") for size in sizes]
    every = [(theme, size) for theme in ("light", "dark") for size in SIZES]
    return [pair for pair in every if (pair in every[1:3]) == (language == "ja")]


def looked_at(page: Page, name: str, language: str, sizes: Sequence[str] = tuple(SIZES), brings: str = "") -> list[str]:
    """What is wrong with the page as it stands, in the themes and sizes of this run; `brings`: what must be seen of a
    chat, as a selector.
    """
    wrong: list[str] = []
    for theme, size in combinations(language, sizes):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(SIZES[size])
        if brings:
            page.locator(brings).first.evaluate(INTO_VIEW)
        page.evaluate(SETTLED)
        if brings:
            expect(page.locator(brings).first).to_be_in_viewport(timeout=20_000)
        wrong += [f"{theme} {size}: {line}" for line in violations(page)]
        if page.evaluate(SIDEWAYS):
            wrong.append(f"{theme} {size}: the page scrolls sideways")
        if page.evaluate(BEHIND):
            wrong.append(f"{theme} {size}: the page scrolls behind its room")
        if WRITES and (KEPT[language] == size or len(sizes) == 1):
            taken(page, FOLDER / f"{name}.{language}.{theme}.{size}.webp")
    if len(sizes) > 1:
        page.set_viewport_size(WIDE)
    return wrong


def taken(page: Page, file: Path) -> None:
    """Chromium itself writes WebP, which is a third of a PNG."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    file.write_bytes(base64.b64decode(shot["data"]))
    session.detach()
