"""The report of a run: `report.html`, one file without scripts or anything from elsewhere, and each chart as an SVG."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Tree

from tests.bench import history
from tests.bench.bars import bars, verdict
from tests.bench.curves import COST, Curve, curves, past
from tests.bench.drawing import STYLE, Chart, Node, element, number, words
from tests.bench.history import Past
from tests.bench.runs import Line, Run

PAGE_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True, slots=True)
class Report:
    """What a run measured, beside what was kept of others."""

    lines: Sequence[Line]
    pasts: Sequence[Past]

    def charts(self, measurement: str) -> list[Chart]:
        """A chart for each unit of a measurement; costs by size are drawn as curves instead."""
        mine = [line for line in self.of(measurement) if not COST.fullmatch(line["name"])]
        units = dict.fromkeys(line["unit"] for line in mine)
        return [
            bars(f"{measurement}-{unit}", f"{measurement}: {unit}", [line for line in mine if line["unit"] == unit])
            for unit in units
        ]

    def of(self, measurement: str) -> list[Line]:
        return [line for line in self.lines if line["measurement"] == measurement]

    @property
    def measurements(self) -> list[str]:
        return list(dict.fromkeys(line["measurement"] for line in self.lines))

    @property
    def curves(self) -> list[Curve]:
        return curves(self.lines)

    def all_charts(self) -> Iterable[Chart]:
        for measurement in self.measurements:
            yield from self.charts(measurement)
        yield from (curve.chart() for curve in self.curves)
        yield from map(past, self.pasts)

    def page(self) -> str:
        css = STYLE.read_text(encoding="utf-8") + PAGE_STYLE.read_text(encoding="utf-8")
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"Bench of {self.lines[0]['commit']}"),
            element("style", css),
        )
        parts = [*self._opening(), *self._sections(), *self._growth(), *self._history()]
        page = element("html", head, element("body", element("main", *parts)), lang="en")
        return "<!doctype html>\n" + Tree.tostring(page, encoding="unicode", method="html") + "\n"

    def _opening(self) -> list[Node]:
        promised = [line for line in self.lines if line["goal"] is not None]
        missed = [line for line in promised if not line["ok"]]
        first, loads = self.lines[0], [line["load"] for line in self.lines]
        began = first["at"][:16].replace("T", " ")
        ran = f"Commit {first['commit']} · {began} UTC · {first['cores']} cores"
        ran += f" · load average {min(loads)} to {max(loads)}"
        said = f"{len(promised) - len(missed)} of {len(promised)} goals met"
        if missed:
            said += "; missed: " + ", ".join(words(line["name"]) for line in missed)
        parts = [
            element("h1", "Bench"),
            element("p", ran, class_="about"),
            element("p", said + ".", class_="verdict bad" if missed else "verdict"),
        ]
        if worse := [words(its.name) for its in self.pasts if its.is_worse]:
            parts.append(element("p", "Worse than usual by more than a fifth: " + ", ".join(worse) + ".", class_="bad"))
        return [*parts, element("h2", "Goals"), table(promised)]

    def _sections(self) -> Iterable[Node]:
        for measurement in self.measurements:
            lines = self.of(measurement)
            yield element("h2", words(measurement))
            yield grid(self.charts(measurement))
            yield element("details", element("summary", f"All {len(lines)} figures"), table(lines))

    def _growth(self) -> list[Node]:
        if not self.curves:
            return []
        told = "Both axes are logarithmic: a straight line is a power law, and its slope the exponent. "
        told += "Dashed: the steepest line that meets the goal."
        return [
            element("h2", "How cost grows"),
            element("p", told, class_="about"),
            grid([curve.chart() for curve in self.curves]),
        ]

    def _history(self) -> list[Node]:
        told = "Ratios to the baseline of the same run; the last dot is this run. Dashed: the median of the last "
        told += f"{history.LAST} kept runs, in a band of a fifth. “make bench KEEP=1” keeps a run."
        return [element("h2", "History"), element("p", told, class_="about"), grid(map(past, self.pasts), "grid small")]


def grid(charts: Iterable[Chart], kind: str = "grid") -> Node:
    return element("div", *(element("figure", chart.svg()) for chart in charts), class_=kind)


def table(lines: Sequence[Line]) -> Node:
    heads = ("Figure", "Measured", "Lowest to highest", "Baseline", "Ratio", "Goal")
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in heads)))
    rows = [element("tr", *cells(line)) for line in lines]
    return element("table", head, element("tbody", *rows))


def cells(line: Line) -> list[Node]:
    """A row's cells; an empty one stays out of the way where the table is folded."""
    spread = f"{number(line['lowest'])} to {number(line['highest'])}" if line["rounds"] > 1 else ""
    baseline = "" if line["baseline"] is None else number(line["baseline"])
    ratio = f"{line['ratio']:.2f}" if line["ratio"] else ""
    bad = "" if line["ok"] else " bad"
    return [
        element("th", words(line["name"]), element("small", line["measurement"]), scope="row"),
        element("td", f"{number(line['value'])} {line['unit']}", class_=f"number{bad}"),
        element("td", spread, class_="number", data_name="rounds"),
        element("td", baseline, class_="number", data_name="baseline"),
        element("td", ratio, class_="number", data_name="ratio"),
        element("td", verdict(line).removeprefix("goal "), class_=f"goal{bad}", data_name="goal"),
    ]


def write(run: Run) -> Path:
    """Writes the report of what the run has so far; its page."""
    lines = run.lines()
    report = Report(lines, history.pasts(lines))
    for chart in report.all_charts():
        name = re.sub(r"[^a-z0-9]+", "-", chart.name.lower()).strip("-")
        (run.folder / f"{name}.svg").write_text(chart.alone(), encoding="utf-8")
    page = run.folder / "report.html"
    page.write_text(report.page(), encoding="utf-8")
    return page
