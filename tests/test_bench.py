import subprocess
import sys

import pytest

from tests.bench.figures import Figure


def test_a_figure_has_the_keys_of_the_contract() -> None:
    line = Figure("first_token", 50.0, "ms", baseline=25.0, goal=60.0).line()

    assert line == {
        "name": "first_token",
        "value": 50.0,
        "unit": "ms",
        "baseline": 25.0,
        "ratio": 2.0,
        "goal": 60.0,
        "more_is_better": False,
        "ok": True,
        "lowest": 50.0,
        "highest": 50.0,
        "rounds": 1,
    }


def test_a_figure_of_rounds_is_their_median_with_their_spread() -> None:
    line = Figure.of("first_token", [30.0, 10.0, 20.0], "ms").line()

    assert (line["value"], line["lowest"], line["highest"], line["rounds"]) == (20.0, 10.0, 30.0, 3)


@pytest.mark.parametrize(("value", "more_is_better", "ok"), [(61, False, False), (61, True, True), (59, True, False)])
def test_a_goal_is_a_ceiling_or_a_floor(value: float, more_is_better: bool, ok: bool) -> None:
    assert Figure("any", value, "ms", goal=60, more_is_better=more_is_better).ok is ok


def test_a_figure_without_a_goal_is_never_missed() -> None:
    assert Figure("any", 1.0, "ms").ok


def test_an_unknown_measurement_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only=nonsense"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "nonsense" in done.stderr
