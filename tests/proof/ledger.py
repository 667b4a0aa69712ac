"""A pytest plug-in that writes each ended round into a ledger, and leaves out those that passed there before.

The ledger, named by PROOF_LEDGER, is one line of JSON a round: `commit`, `seed`, `lengths` (of the tests that have
one), `id` (pytest's), `outcome`, `seconds`, `said` (what the test measured, in words), `measured` (numbers by name) and
`why` (the end of what a failed one says).
"""

import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest

from tests.lanes import FIGURE
from tests.proof import rounds

Line = dict[str, Any]
WHY = 2_000
# Settings that make a test longer: one that passed at another length has not passed at this one.
LENGTHS = ("ROUNDS", "SOAK", "FUZZ", "EXAMPLES")


def lengths() -> dict[str, str]:
    """How long the tests of this session are, where it is not as long as in `make test`."""
    return {name: os.environ[name] for name in LENGTHS if name in os.environ}


def commit() -> str:
    """What was proved: the commit, with a + where files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+"], capture_output=True, text=True, check=True
    )
    return described.stdout.strip()


def read(file: Path) -> Iterator[Line]:
    """The lines of JSON of a file that may not be there yet."""
    if file.exists():
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def lines(ledger: Path, of: str, seed: int) -> Iterator[Line]:
    """The rounds of this commit and seed, at the lengths of this session."""
    asked = of, seed, lengths()
    return (line for line in read(ledger) if (line["commit"], line["seed"], line.get("lengths")) == asked)


def ended(report: pytest.TestReport, of: str, seed: int) -> Line:
    """The line of a round."""
    said = [value for name, value in report.user_properties if name == FIGURE]
    measured = {name: value for name, value in report.user_properties if name != FIGURE}
    return {
        "commit": of,
        "seed": seed,
        "lengths": lengths(),
        "id": report.nodeid,
        "outcome": report.outcome,
        "seconds": round(report.duration, 1),
        "said": said,
        "measured": measured,
        "why": report.longreprtext[-WHY:],
    }


def table(known: list[Line]) -> Iterator[str]:
    """A row for each test: its rounds, how many failed last, and what they measured."""
    latest = {line["id"]: line for line in known}
    tests: dict[str, list[Line]] = defaultdict(list)
    for name, line in latest.items():
        tests[re.sub(r"(\[|-)\d+\]$", lambda end: "]" if end[1] == "-" else "", name)].append(line)
    yield "test | rounds | not passed | measured"
    for name, its in tests.items():
        bad = sum(line["outcome"] != "passed" for line in its)
        numbers: dict[str, list[float]] = defaultdict(list)
        for line in its:
            for what, value in line["measured"].items():
                numbers[what].append(value)
        measured = "; ".join(f"{what} {spread(values)}" for what, values in numbers.items())
        yield f"{name.removeprefix('tests/')} | {len(its)} | {bad} | {measured}"


def spread(values: list[float]) -> str:
    """Median, 95th percentile and highest."""
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"median {median(values):.1f}, p95 {quantiles(values, n=20)[-1]:.1f}, most {max(values):.1f}"


class Ledger:
    """The plug-in of one session."""

    def __init__(self) -> None:
        self.path, self.commit, self.seed = Path(os.environ["PROOF_LEDGER"]), commit(), rounds.seed()

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if self.commit.endswith("+"):  # who knows what it was that passed
            return
        over = {line["id"] for line in lines(self.path, self.commit, self.seed) if line["outcome"] == "passed"}
        left_out = [item for item in items if item.nodeid in over]
        items[:] = [item for item in items if item.nodeid not in over]
        config.hook.pytest_deselected(items=left_out)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A round that could not begin, or left something behind, has failed too."""
        if report.when == "call" or report.outcome != "passed":
            with self.path.open("a", encoding="utf-8") as ledger:
                ledger.write(json.dumps(ended(report, self.commit, self.seed)) + "\n")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section(f"proof of {self.commit}, SEED={self.seed}: {self.path}")
        for row in table(list(lines(self.path, self.commit, self.seed))):
            terminalreporter.write_line(row)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Ledger())
