"""What a measurement says, and which there are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as the contract prints it. `goal` is in `unit`; None where nothing is promised. `rounds` are the
    values that `value` is the median of, where there were several.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: float | None = None
    more_is_better: bool = False
    rounds: Sequence[float] = ()

    @classmethod
    def of(cls, name: str, rounds: Sequence[float], unit: str, **rest: Any) -> Self:
        """The median of the rounds; `rest` as for a figure."""
        return cls(name, median(rounds), unit, rounds=tuple(rounds), **rest)

    @property
    def ok(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def line(self) -> dict[str, object]:
        """The keys of the contract; `lowest` and `highest` are those of the rounds."""
        said = asdict(self)
        rounds = said.pop("rounds") or (self.value,)
        ratio = round(self.value / self.baseline, 4) if self.baseline else None
        spread = {"lowest": min(rounds), "highest": max(rounds), "rounds": len(rounds)}
        return said | {"ratio": ratio, "ok": self.ok} | spread


Measurement = Callable[[], Iterator[Figure]]
