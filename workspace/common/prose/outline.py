"""The levels of headings: a text's own are shifted so that no level of the page is skipped."""

from typing import Final

_HIGHEST: Final = 2  # the page's h1 is its title
_DEEPEST: Final = 6


class Outline:
    """Gives each heading of a text, in order, its level on the page."""

    def __init__(self, levels: tuple[int, ...] = ()) -> None:
        self._levels = list(levels)

    def copy(self) -> "Outline":
        """One that goes on from here by itself."""
        return Outline(tuple(self._levels))

    def placed(self, level: int) -> int:
        """The level on the page of the next heading, which has this level in the text."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        return min(len(self._levels) + _HIGHEST - 1, _DEEPEST)
