"""The runs that somebody chose to keep, by ratio to the baseline of the same run: times tell of the machine, ratios of
the product.

`docs/bench/history.jsonl` is a line a run: `date`, `commit`, `cores` and `ratios` (by measurement/figure).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.runs import Line
from tests.proof.ledger import read

HISTORY = Path("docs/bench/history.jsonl")
# A ratio is compared with the median of so many runs before it, and may be worse by so much.
LAST, WORSE = 5, 1.2


def ratios(lines: Sequence[Line]) -> dict[str, float]:
    return {f"{line['measurement']}/{line['name']}": line["ratio"] for line in lines if line["ratio"]}


def keep(lines: Sequence[Line], file: Path = HISTORY) -> None:
    """Adds a run; one without a ratio has nothing to keep."""
    if not (kept := ratios(lines)):
        return
    first = lines[0]
    line = {"date": first["at"][:10], "commit": first["commit"], "cores": first["cores"], "ratios": kept}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as history:
        history.write(json.dumps(line) + "\n")


@dataclass(frozen=True, slots=True)
class Past:
    """One ratio over the runs that were kept, oldest first, and `now`, that of this run."""

    name: str
    kept: tuple[float, ...]
    now: float
    more_is_better: bool

    @property
    def usual(self) -> float | None:
        """The median of the last runs that were kept."""
        return median(self.kept[-LAST:]) if self.kept else None

    @property
    def is_worse(self) -> bool:
        """Whether this run's ratio is worse than usual by more than a fifth."""
        if self.usual is None:
            return False
        return self.now * WORSE < self.usual if self.more_is_better else self.now > self.usual * WORSE


def pasts(lines: Sequence[Line], file: Path = HISTORY) -> list[Past]:
    """Every ratio of this run beside those that were kept before it."""
    kept = [run["ratios"] for run in read(file)]
    better = {f"{line['measurement']}/{line['name']}": line["more_is_better"] for line in lines}
    return [
        Past(name, tuple(run[name] for run in kept if name in run), now, better[name])
        for name, now in ratios(lines).items()
    ]
