"""A power law through a few sizes: cost = factor x size ^ exponent, by least squares on the logarithms."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import linear_regression
from typing import Self


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Exponent 1: cost in proportion to size; 0: cost that does not depend on it."""

    exponent: float
    factor: float

    @classmethod
    def through(cls, costs: Mapping[int, float]) -> Self:
        """The law that fits costs by size, two sizes or more, all above 0."""
        sizes, values = (list(map(math.log, side)) for side in (costs.keys(), costs.values()))
        slope, intercept = linear_regression(sizes, values)
        return cls(slope, math.exp(intercept))

    @classmethod
    def beyond_first(cls, costs: Mapping[int, float]) -> Self | None:
        """The law of what the larger sizes cost more than the smallest: a fixed part, which flattens the law through
        all costs until even a square hides in it, is in both and falls away. None where too little grew to tell.
        """
        first = min(costs)
        more = {size - first: cost - costs[first] for size, cost in costs.items() if cost > costs[first]}
        return cls.through(more) if len(more) > 1 else None

    def at(self, size: float) -> float:
        return self.factor * math.pow(size, self.exponent)
