"""What the laps after a stop cost at best: one set to the flag, or two with one more stop between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.live.strategy.tyres import Wear

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stints:
    """What sets cost over their laps, draws x laps: entry n is n laps on a new set, in seconds; the first draw is the estimate.

    Attributes:
        costs: by compound.
        loss: of a stop (s), by draw.
        most: laps that a set is driven, by compound; beyond them nobody knows.
    """

    costs: dict[int, Array]
    loss: Array
    most: dict[int, int]

    @classmethod
    def of(cls, wear: Wear, laps: int, usual: float, loss: Array, most: dict[int, int]) -> Stints:
        """Add up what `laps` laps cost at most, on a circuit whose usual lap takes `usual` seconds."""
        age = np.arange(1, laps + 1) / laps
        nothing = np.zeros((len(loss), 1))
        costs = {
            number: np.hstack([nothing, np.cumsum(wear.cost(number, age), axis=1)]) * usual / 100
            for number in COMPOUNDS
        }
        return cls(costs, loss, most)

    def rest(self, left: int, may: tuple[int, ...]) -> tuple[Array, tuple[int, ...]]:
        """Return what `left` laps cost from a new set on, by draw, and the compounds that are driven, as the estimate chooses them.

        Args:
            left: laps.
            may: compounds that may be put on first; the one after a further stop is free.
        """
        plans: dict[tuple[int, ...], Array] = {}
        for first in may:
            if left <= self.most[first]:
                plans[(first,)] = self.costs[first][:, left]
            for second in COMPOUNDS:
                shortest, longest = max(1, left - self.most[second]), min(left - 1, self.most[first])
                if shortest <= longest:
                    at = np.arange(shortest, longest + 1)
                    split = self.costs[first][:, at] + self.costs[second][:, left - at]
                    plans[first, second] = split[:, split[0].argmin()] + self.loss
        if not plans:  # further than any two sets go
            plans = {(first,): self.costs[first][:, left] for first in may}
        best = min(plans, key=lambda plan: float(plans[plan][0]))
        return plans[best], best
