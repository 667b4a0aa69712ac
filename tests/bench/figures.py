"""What a measurement says, and which there are."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as the contract prints it. `goal` is in `unit`; None where nothing is promised."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: float | None = None
    more_is_better: bool = False

    @property
    def ok(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def line(self) -> dict[str, object]:
        """The keys of the contract."""
        said = asdict(self)
        del said["more_is_better"]
        ratio = round(self.value / self.baseline, 4) if self.baseline else None
        return said | {"ratio": ratio, "ok": self.ok}


Measurement = Callable[[], Iterator[Figure]]
