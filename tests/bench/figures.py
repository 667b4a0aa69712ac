"""A figure: what was measured, beside its baseline of the same run, and whether it meets its goal."""

import json
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` is an upper bound, or a lower one where `at_least`; `baseline` is what the same run measured without us."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    baseline: float | None = None
    at_least: bool = False

    def line(self) -> str:
        """One JSON line: name, value, unit, baseline, ratio, goal, ok."""
        said = asdict(self)
        del said["at_least"]
        said["value"] = round(self.value, 4)
        said["baseline"] = None if self.baseline is None else round(self.baseline, 4)
        said["ratio"] = round(self.value / self.baseline, 4) if self.baseline else None
        met = self.goal is None or (self.value >= self.goal if self.at_least else self.value <= self.goal)
        return json.dumps(said | {"ok": met})


def middle(values: list[float]) -> float:
    """The median; of nothing it is not a number."""
    return median(values) if values else float("nan")
