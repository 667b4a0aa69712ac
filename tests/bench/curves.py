"""How cost grows with size, on two logarithmic axes, with the fitted power law; and how a ratio went over kept runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.drawing import Chart, Node, Scale, cut, element, number, words
from tests.bench.fits import PowerLaw
from tests.bench.history import WORSE, Past
from tests.bench.runs import Line

COST = re.compile(r"cost_at_(\d+)_(\w+)")
EXPONENT = "growth_exponent_of_"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 250, 44, 346, 56, 214
SMALL_WIDTH, SMALL_HEIGHT = 240, 104


@dataclass(frozen=True, slots=True)
class Curve:
    """The costs of one series by size, and the figure of its exponent."""

    what: str
    unit: str
    costs: dict[int, float]
    exponent: Line

    def chart(self) -> Chart:
        return growth(self)


def curves(lines: Sequence[Line]) -> list[Curve]:
    """A curve for each exponent that has costs of two sizes or more, all above 0."""
    points = [(match, line) for line in lines if (match := COST.fullmatch(line["name"]))]
    found = []
    for line in lines:
        what = line["name"].removeprefix(EXPONENT)
        mine = [(int(match[1]), cost) for match, cost in points if match[2] == what]
        costs = {size: cost["value"] for size, cost in mine if cost["value"] > 0}
        if line["name"].startswith(EXPONENT) and len(costs) > 1:
            found.append(Curve(what, mine[0][1]["unit"], costs, line))
    return found


def growth(curve: Curve) -> Chart:
    law, line = PowerLaw.through(curve.costs), curve.exponent
    first, last = min(curve.costs), max(curve.costs)
    across = Scale(first, last, LEFT + 8, RIGHT - 8, is_logarithmic=True)
    up = _decade([*curve.costs.values(), law.at(first), law.at(last)])
    told = f"exponent {line['value']:.2f}"
    if line["goal"] is not None:
        told += f", goal at most {line['goal']}: {'met' if line['ok'] else 'MISSED'}"
    parts = [
        element("text", f"{words(curve.what)}: {curve.unit}", class_="heading", x=8, y=16),
        element("text", told, class_=f"value{'' if line['ok'] else ' bad'}", x=8, y=34),
        *_grid(across, up, curve),
        *_goal(curve, law, across, up),
        element("path", class_="line", d=_path([(size, law.at(size)) for size in (first, last)], across, up)),
        *(element("circle", class_="ours", cx=across(size), cy=up(cost), r=4) for size, cost in curve.costs.items()),
    ]
    return Chart(f"growth-{curve.what}", f"Cost by {words(curve.what)}: {told}", WIDTH, HEIGHT, parts)


def _decade(values: Sequence[float]) -> Scale:
    """At least a factor of ten, so that what is flat looks flat."""
    low, high = min(values) / 1.3, max(values) * 1.3
    if high / low < 10:
        middle = (low * high) ** 0.5
        low, high = middle / 10**0.5, middle * 10**0.5
    return Scale(low, high, BOTTOM, TOP, is_logarithmic=True)


def _grid(across: Scale, up: Scale, curve: Curve) -> list[Node]:
    parts = []
    for tick in up.powers():
        y = up(tick)
        parts.append(element("line", class_="grid", x1=LEFT, x2=RIGHT, y1=y, y2=y))
        parts.append(element("text", number(tick), class_="quiet end", x=LEFT - 5, y=y + 4))
    for size in curve.costs:
        parts.append(element("line", class_="grid", x1=across(size), x2=across(size), y1=TOP, y2=BOTTOM))
        parts.append(element("text", f"{size:,}", class_="quiet middle", x=across(size), y=BOTTOM + 15))
    parts.append(element("text", words(curve.what), class_="quiet end", x=RIGHT, y=BOTTOM + 31))
    return parts


def _goal(curve: Curve, law: PowerLaw, across: Scale, up: Scale) -> list[Node]:
    """The steepest line that would do, from where the fitted one begins to where it leaves the chart."""
    if curve.exponent["goal"] is None:
        return []
    first, last = min(curve.costs), max(curve.costs)
    steepest = PowerLaw(curve.exponent["goal"], law.at(first) / first ** curve.exponent["goal"])
    if steepest.at(last) > up.high:
        last = int((up.high / steepest.factor) ** (1 / steepest.exponent))
    path = _path([(size, steepest.at(size)) for size in (first, last)], across, up)
    return [element("path", element("title", "goal"), class_="goal", d=path)]


def _path(points: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
    return "M" + " L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)


def past(its: Past) -> Chart:
    """The kept ratios and this run's, the usual one as a dashed line in a band of a fifth."""
    ratios = [*its.kept, its.now]
    usual = its.usual or its.now
    marks = [*ratios, usual / WORSE, usual * WORSE]
    up = Scale(min(marks) * 0.95, max(marks) * 1.05, SMALL_HEIGHT - 6, 54)
    across = Scale(0, max(len(ratios) - 1, 1), 14, SMALL_WIDTH - 14)
    measurement, _, name = its.name.partition("/")
    bad = " bad" if its.is_worse else ""
    told = f"ratio {its.now:.2f}" + (f", usually {its.usual:.2f}" if its.usual else ", not kept before")
    told += ": WORSE" if its.is_worse else ""
    band = {"y": up(usual * WORSE), "height": up(usual / WORSE) - up(usual * WORSE)}
    parts = [
        element("text", cut(f"{measurement}: {words(name)}", 40), class_="quiet", x=8, y=14),
        element("text", told, class_=f"value{bad}", x=8, y=32),
        element("rect", class_="band", x=8, width=SMALL_WIDTH - 16, **band),
        element("line", class_="usual", x1=8, x2=SMALL_WIDTH - 8, y1=up(usual), y2=up(usual)),
        element("path", class_="line", d=_path(list(enumerate(ratios)), across, up)),
        *(element("circle", class_="ours", cx=across(at), cy=up(ratio), r=2.5) for at, ratio in enumerate(its.kept)),
        element("circle", class_=f"ours{bad}", cx=across(len(its.kept)), cy=up(its.now), r=4.5),
    ]
    return Chart(f"history-{its.name}", f"{its.name}: {told}", SMALL_WIDTH, SMALL_HEIGHT, parts)
