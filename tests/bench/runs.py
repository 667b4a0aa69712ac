"""A run of measurements and what stays of it: `var/bench/<UTC time>/` with its figures as JSON lines and a report."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.proof.ledger import commit, read

RUNS = Path("var/bench")
# A figure's keys of the contract, with `measurement`, `at`, `commit`, `cores` and `load` (average of the last minute).
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, into a folder of its own."""

    folder: Path
    commit: str

    @classmethod
    def begin(cls, runs: Path = RUNS) -> "Run":
        folder = runs / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
        folder.mkdir(parents=True)
        return cls(folder, commit())

    @property
    def figures(self) -> Path:
        return self.folder / "figures.jsonl"

    def note(self, measurement: str, figure: Figure) -> Line:
        """Writes the figure down at once, so that a run that is broken off keeps what it has."""
        line = figure.line() | {
            "measurement": measurement,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": self.commit,
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        }
        with self.figures.open("a", encoding="utf-8") as figures:
            figures.write(json.dumps(line) + "\n")
        return line

    def lines(self) -> list[Line]:
        return list(read(self.figures))
