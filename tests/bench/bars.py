"""A chart of figures of one unit on one axis: each a bar with the spread of its rounds, what it is compared with as a
thinner bar below, and its goal as a dashed line with its words.
"""

from collections.abc import Sequence

from tests.bench.drawing import Chart, Node, Scale, cut, element, number, words
from tests.bench.runs import Line

WIDTH, EDGE, HEAD = 360, 8, 44
LABEL, BAR, THIN, NOTE = 18, 11, 9, 15


def verdict(line: Line) -> str:
    """The goal and whether it is met, in words; empty without a goal."""
    if line["goal"] is None:
        return ""
    sign = "at least" if line["more_is_better"] else "at most"
    return f"goal {sign} {number(line['goal'])}: {'met' if line['ok'] else 'MISSED'}"


def bars(name: str, title: str, lines: Sequence[Line]) -> Chart:
    marks = [line[key] for line in lines for key in ("lowest", "highest", "value", "baseline", "goal")]
    scale = Scale.over([mark for mark in marks if mark is not None], EDGE, WIDTH - EDGE)
    rows, at = [], float(HEAD)
    for line in lines:
        row, height = _row(line, scale, at)
        rows += row
        at += height
    parts = [*_heading(title, lines), *_axis(scale, HEAD, at), *rows]
    return Chart(name, title, WIDTH, at + 24, parts)


def _heading(title: str, lines: Sequence[Line]) -> list[Node]:
    """With the legend of what is there."""
    told = ["bar: median"]
    if any(line["rounds"] > 1 for line in lines):
        told.append("whisker: lowest to highest round")
    if any(line["baseline"] is not None for line in lines):
        told.append("grey: baseline")
    return [
        element("text", title, class_="heading", x=EDGE, y=16),
        element("text", " · ".join(told), class_="quiet", x=EDGE, y=32),
    ]


def _axis(scale: Scale, top: float, bottom: float) -> list[Node]:
    parts = []
    for tick in scale.ticks():
        x = scale(tick)
        parts.append(element("line", class_="grid", x1=x, x2=x, y1=top, y2=bottom))
        side = "" if x < EDGE + 20 else " end" if x > WIDTH - EDGE - 20 else " middle"
        parts.append(element("text", number(tick), class_=f"quiet{side}", x=x, y=bottom + 14))
    return parts


def _row(line: Line, scale: Scale, top: float) -> tuple[list[Node], float]:
    """The parts of one figure, and how high they stand together."""
    bad, bar = "" if line["ok"] else " bad", top + LABEL
    value = f"{number(line['value'])} {line['unit']}"
    room = int((WIDTH - 2 * EDGE - 7.5 * len(value)) / 6.4)  # a letter's usual width, in bold and plain
    parts = [
        element("text", element("title", line["name"]), cut(words(line["name"]), room), x=EDGE, y=top + 13),
        element("text", value, class_=f"value end{bad}", x=WIDTH - EDGE, y=top + 13),
        _bar(f"ours{bad}", scale, line["value"], bar, BAR),
    ]
    below = bar + BAR + 1
    if line["baseline"] is not None:
        parts.append(_bar("theirs", scale, line["baseline"], below, THIN - 3))
        below += THIN
    if line["rounds"] > 1:
        middle = bar + BAR / 2
        low, high = scale(line["lowest"]), scale(line["highest"])
        parts.append(element("line", class_="spread", x1=low, x2=high, y1=middle, y2=middle))
        parts += [element("line", class_="spread", x1=x, x2=x, y1=middle - 3, y2=middle + 3) for x in (low, high)]
    if note := _note(line):
        parts.append(element("text", note, class_=f"quiet{bad}", x=EDGE, y=below + 11))
    if line["goal"] is not None:
        goal = scale(line["goal"])
        parts.append(element("line", class_="goal", x1=goal, x2=goal, y1=bar - 2, y2=below))
    return parts, below + (NOTE if note else 0) + 6 - top


def _note(line: Line) -> str:
    """What the row's second line of words says."""
    beside = "" if line["baseline"] is None else f"baseline {number(line['baseline'])}"
    if beside and line["ratio"]:
        beside += f", ratio {line['ratio']:.2f}"
    return " · ".join(part for part in (verdict(line), beside) if part)


def _bar(kind: str, scale: Scale, value: float, top: float, height: float) -> Node:
    zero, end = sorted((scale(0), scale(value)))
    return element("rect", class_=kind, x=zero, y=top, width=max(end - zero, 1.0), height=height, rx=1.5)
