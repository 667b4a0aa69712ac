"""SVG as a tree of elements, which escapes whatever it is given, and the numbers beside its axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as Tree

Node = Tree.Element
STYLE = Path(__file__).with_name("drawing.css")


def element(tag: str, *inside: Node | str, **attributes: object) -> Node:
    """An element; `class_` is its class, and an underscore elsewhere in a name a hyphen."""
    names = {name.rstrip("_").replace("_", "-"): _said(value) for name, value in attributes.items()}
    made = Node(tag, names)
    for part in inside:
        if isinstance(part, str):
            _add_text(made, part)
        else:
            made.append(part)
    return made


def _add_text(node: Node, text: str) -> None:
    if len(node):
        node[-1].tail = (node[-1].tail or "") + text
    else:
        node.text = (node.text or "") + text


def _said(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of a size in pixels that grows and shrinks with its place. `name` is its file's."""

    name: str
    title: str
    width: int
    height: float
    parts: Sequence[Node]

    def svg(self) -> Node:
        return element(
            "svg",
            element("title", self.title),
            *self.parts,
            class_="chart",
            viewBox=f"0 0 {self.width} {self.height:.0f}",
            role="img",
        )

    def alone(self) -> str:
        """As a file of its own, with its style."""
        svg = self.svg()
        svg.set("xmlns", "http://www.w3.org/2000/svg")
        svg.insert(1, element("style", STYLE.read_text(encoding="utf-8")))
        svg.insert(2, element("rect", class_="paper", width="100%", height="100%"))
        return Tree.tostring(svg, encoding="unicode")


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (self.low, self.high, value)
        if self.is_logarithmic:
            low, high, at = math.log(low), math.log(high), math.log(value)
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> Self:
        """From 0, or what is below it, to a little above the highest."""
        low, high = min(0.0, *values), max(0.0, *values)
        room = (high - low or 1.0) * 0.05
        return cls(low - room if low < 0 else 0.0, high + room, start, end)

    def ticks(self) -> list[float]:
        """Round values within: steps of 1, 2 or 5 times a power of ten, four or so of them."""
        rough = (self.high - self.low) / 4
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
        return [number * step for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]

    def powers(self) -> list[float]:
        """Values of 1, 2 or 5 times a power of ten within a logarithmic scale; only the powers where that is many."""
        powers = [10.0**e for e in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)]
        finer = [step * power for power in powers for step in (1, 2, 5)]
        within = [value for value in finer if self.low <= value <= self.high]
        return within if len(within) <= 6 else [value for value in within if value in powers]


def number(value: float) -> str:
    """Three digits that mean something, thousands apart."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"


def words(name: str) -> str:
    return name.replace("_", " ")


def cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"
