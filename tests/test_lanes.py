import subprocess
import sys
from pathlib import Path

import pytest

from tests import lanes

# A suite inside the suite, with the lanes and nothing else of this one.
CONFTEST = """
import pytest
from tests import lanes

@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items[:] = lanes.in_order(items)

def pytest_terminal_summary(terminalreporter):
    for line in lanes.summary(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line)
"""
SUITE = """
import pytest
from tests import lanes

@pytest.mark.kills
def test_first_in_the_file(): pass

def test_of_a_lane_that_cannot_run(): lanes.not_run("there is no browser here")

def test_last_in_the_file(): pass
"""
SETTINGS = "[pytest]\nmarkers = kills\naddopts = --strict-markers -p no:django -p no:cacheprovider"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_suite.py").write_text(SUITE)
    return tmp_path


def run(suite: Path, *more: str, ci: bool) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-v", str(suite), "-c", str(suite / "pytest.ini"), *more]
    environment = {"PATH": "/usr/bin:/bin", "CI": "true" if ci else "", "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.run(command, env=environment, cwd=suite, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_lane_that_cannot_run_says_why_before_the_closing_line(suite: Path) -> None:
    done = run(suite, ci=False)

    assert done.returncode == 0
    *_, said, closing = done.stdout.strip().splitlines()
    assert said == "not run: there is no browser here"
    assert "2 passed, 1 skipped" in closing


@pytest.mark.slow
def test_in_ci_a_lane_that_cannot_run_is_a_failure(suite: Path) -> None:
    done = run(suite, ci=True)

    assert done.returncode == 1
    assert "not run: there is no browser here" in done.stdout
    assert "1 failed, 2 passed" in done.stdout


@pytest.mark.slow
def test_kills_come_last(suite: Path) -> None:
    lines = run(suite, ci=False).stdout.splitlines()

    ran = [line.split("::")[1].split()[0] for line in lines if "::" in line and "%]" in line]
    assert ran == ["test_of_a_lane_that_cannot_run", "test_last_in_the_file", "test_first_in_the_file"]


@pytest.mark.slow
def test_all_kills_go_to_one_worker(suite: Path) -> None:
    (suite / "test_other.py").write_text("import pytest\n\n@pytest.mark.kills\ndef test_in_another_file(): pass\n")

    lines = run(suite, "--numprocesses=2", "--dist=loadgroup", ci=False).stdout.splitlines()

    kills = [line.split()[0] for line in lines if "PASSED" in line and "@kills" in line]
    assert len(kills) == 2
    assert len(set(kills)) == 1


def test_a_reason_is_said_once_however_many_tests_give_it() -> None:
    skipped = [
        pytest.TestReport(f"test_{n}", ("", 0, ""), {}, "skipped", ("f", 1, "Skipped: not run: no browser"), "setup")
        for n in range(3)
    ]

    assert lanes.summary(skipped) == ["not run: no browser"]
