import json
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest

from tests.bench import history, report
from tests.bench.bars import bars
from tests.bench.curves import curves, growth
from tests.bench.figures import Figure
from tests.bench.fits import PowerLaw
from tests.bench.runs import Run

RATIO = Figure("first_token", 24.0, "ms", baseline=12.0)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.begin(tmp_path / "runs")


def grown(run: Run, goal: float) -> None:
    for size in (10, 100, 1_000):
        run.note("exponents", Figure(f"cost_at_{size}_tokens", 0.5 * size, "ms"))
    run.note("exponents", Figure("growth_exponent_of_tokens", 1.0, "exponent", goal=goal))


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_a_fit_finds_the_exponent_that_the_costs_were_made_with(exponent: float) -> None:
    law = PowerLaw.through({size: 3.0 * size**exponent for size in (10, 40, 160, 640)})

    assert law.exponent == pytest.approx(exponent)
    assert law.at(1) == pytest.approx(3.0)


def test_a_fit_bears_noise() -> None:
    costs = {size: size * wrong for size, wrong in zip((10, 100, 1_000, 10_000), (1.1, 0.9, 1.1, 0.9), strict=True)}

    assert PowerLaw.through(costs).exponent == pytest.approx(1.0, abs=0.05)


def test_a_square_that_hides_under_a_fixed_cost_is_found_beyond_the_smallest_size() -> None:
    costs = {size: 180 + 0.15 * size**2 for size in (1, 4, 16, 64)}
    more = PowerLaw.beyond_first(costs)

    assert PowerLaw.through(costs).exponent < 1.1
    assert more is not None
    assert more.exponent > 1.5


def test_beyond_the_smallest_size_a_fixed_cost_falls_away() -> None:
    more = PowerLaw.beyond_first({size: 50.0 + 3 * size for size in (10, 40, 160, 640)})

    assert more is not None
    assert more.exponent == pytest.approx(1.0)


def test_where_nothing_grew_there_is_no_exponent_of_growth() -> None:
    assert PowerLaw.beyond_first({10: 5.0, 40: 4.9, 160: 5.1}) is None


def test_a_run_notes_the_circumstances_of_each_figure_at_once(run: Run) -> None:
    run.note("streaming", Figure.of("first_token", [3.0, 1.0, 2.0], "ms"))

    line = json.loads(run.figures.read_text(encoding="utf-8"))
    assert (line["measurement"], line["value"], line["lowest"], line["highest"]) == ("streaming", 2.0, 1.0, 3.0)
    assert line["cores"] >= 1
    assert line["load"] >= 0
    assert line["commit"] == run.commit


def test_a_report_is_one_page_without_anything_from_elsewhere_and_a_file_for_each_chart(run: Run) -> None:
    run.note("streaming", RATIO)
    grown(run, goal=1.1)

    page = report.write(run).read_text(encoding="utf-8")

    assert "<script" not in page
    assert not any(word in page for word in ("http:", "https:", "src=", "href=", "@import", "url("))
    names = {file.name for file in run.folder.glob("*.svg")}
    assert names == {
        "exponents-exponent.svg",
        "growth-tokens.svg",
        "history-streaming-first-token.svg",
        "streaming-ms.svg",
    }


def test_every_chart_is_well_formed_and_follows_the_colours_of_the_reader(run: Run) -> None:
    run.note("streaming", RATIO)
    grown(run, goal=1.1)
    report.write(run)

    for file in run.folder.glob("*.svg"):
        text = file.read_text(encoding="utf-8")
        assert Tree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  it is ours
        assert "prefers-color-scheme" in text


def test_whatever_a_figure_is_called_it_is_text(run: Run) -> None:
    run.note("a<b>", Figure('<script>"&', 1.0, "<i>", goal=2.0, baseline=3.0))

    page = report.write(run).read_text(encoding="utf-8")

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<i>" not in page
    for file in run.folder.glob("*.svg"):
        Tree.parse(file)  # noqa: S314  it is ours


def test_a_missed_goal_is_said_in_words(run: Run) -> None:
    run.note("streaming", Figure("slow_thing", 30.0, "ms", goal=20.0))
    run.note("streaming", Figure("quick_thing", 10.0, "ms", goal=20.0))

    page = report.write(run).read_text(encoding="utf-8")

    assert "1 of 2 goals met; missed: slow thing." in page
    chart = Tree.tostring(bars("any", "any", run.lines()).svg(), encoding="unicode")
    assert "goal at most 20: MISSED" in chart
    assert "goal at most 20: met" in chart


@pytest.mark.parametrize(("goal", "said"), [(1.1, "goal at most 1.1: met"), (0.1, "goal at most 0.1: MISSED")])
def test_a_curve_says_its_exponent_and_whether_it_will_do(run: Run, goal: float, said: str) -> None:
    grown(run, goal)
    (curve,) = curves(run.lines())

    chart = Tree.tostring(growth(curve).svg(), encoding="unicode")

    assert curve.costs == {10: 5.0, 100: 50.0, 1_000: 500.0}
    assert f"exponent 1.00, {said}" in chart


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-9, 1e9])
def test_a_chart_bears_any_number(run: Run, value: float) -> None:
    run.note("streaming", Figure.of("odd", [value, value], "ms", baseline=value, goal=value))

    assert "NaN" not in report.write(run).read_text(encoding="utf-8")


def test_history_keeps_ratios_and_no_times(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "docs" / "history.jsonl"
    run.note("streaming", RATIO)
    run.note("streaming", Figure("memory", 100.0, "MB"))

    history.keep(run.lines(), kept)

    (line,) = map(json.loads, kept.read_text(encoding="utf-8").splitlines())
    assert line["ratios"] == {"streaming/first_token": 2.0}
    assert line["commit"] == run.commit
    assert set(line) == {"date", "commit", "cores", "ratios"}


def test_a_run_without_a_ratio_leaves_no_line(run: Run, tmp_path: Path) -> None:
    run.note("streaming", Figure("memory", 100.0, "MB"))

    history.keep(run.lines(), tmp_path / "history.jsonl")

    assert not (tmp_path / "history.jsonl").exists()


@pytest.mark.parametrize(
    ("value", "more_is_better", "worse"),
    [(28.0, False, False), (30.0, False, True), (21.0, True, False), (19.0, True, True), (30.0, True, False)],
)
def test_a_ratio_is_worse_when_it_is_off_the_usual_one_by_more_than_a_fifth(
    run: Run, tmp_path: Path, value: float, more_is_better: bool, worse: bool
) -> None:
    kept = tmp_path / "history.jsonl"
    for before in (500.0, 24.0, 20.0, 24.0, 26.0, 28.0):  # the first is too long ago to count
        earlier = Run.begin(tmp_path / str(before) / str(len(list(tmp_path.iterdir()))))
        earlier.note("streaming", Figure("first_token", before, "ms", baseline=12.0))
        history.keep(earlier.lines(), kept)
    run.note("streaming", Figure("first_token", value, "ms", baseline=12.0, more_is_better=more_is_better))

    (its,) = history.pasts(run.lines(), kept)

    assert its.usual == 2.0
    assert its.is_worse is worse


def test_a_ratio_that_was_never_kept_is_not_worse(run: Run, tmp_path: Path) -> None:
    run.note("streaming", RATIO)

    (its,) = history.pasts(run.lines(), tmp_path / "none.jsonl")

    assert its.usual is None
    assert not its.is_worse


def test_a_worse_ratio_is_said_in_words(run: Run) -> None:
    run.note("streaming", RATIO)
    its = history.Past("streaming/first_token", (1.0, 1.0), now=2.0, more_is_better=False)

    page = report.Report(run.lines(), [its]).page()

    assert "Worse than usual by more than a fifth: streaming/first token." in page
    assert "ratio 2.00, usually 1.00: WORSE" in page
