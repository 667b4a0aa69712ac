"""Which browser on which system, from what a browser says of itself. It is a help to the eye and proves nothing."""

import re
from dataclasses import dataclass
from typing import Final

# The first that is found counts: most browsers also claim to be those that came before them.
_BROWSERS: Final = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chromium/", "Chromium"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Version/[\d.]+ .*Safari/|iPhone.*Safari/", "Safari"),
)
_SYSTEMS: Final = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)
_HANDHELD: Final = re.compile(r"Mobi|iPhone|iPod|iPad|Android")


@dataclass(frozen=True, slots=True)
class Device:
    """Names of a browser and a system; empty where there is none that is known."""

    browser: str
    system: str
    is_handheld: bool


def device(agent: str) -> Device:
    """What a User-Agent header names."""
    return Device(_first(_BROWSERS, agent), _first(_SYSTEMS, agent), _HANDHELD.search(agent) is not None)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, agent)), "")
