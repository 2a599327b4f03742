"""What is declared before a test, and what is known after each race of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pitwall.domain.errors import UsageError

AHEAD, BEHIND, UNDECIDED = "ahead", "behind", "undecided"


@dataclass(frozen=True)
class Design:
    """A test as it is declared before its first race.

    Attributes:
        bound: a race's difference is clipped to plus or minus this, in the unit of the loss.
        alpha: the chance of a wrong verdict in either direction, whenever and however often one looks.

    Raises:
        UsageError: the bound is not above zero, or alpha is no chance.
    """

    bound: float
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bound) and self.bound > 0):
            raise UsageError(
                f"the bound of a test is {self.bound}; expected a number above 0, in the unit of the loss."
            )
        if not 0 < self.alpha < 1:
            raise UsageError(f"alpha of a test is {self.alpha}; expected a chance between 0 and 1, e.g. 0.05.")

    @property
    def threshold(self) -> float:
        """The e-value that decides: half of alpha belongs to either direction."""
        return 2 / self.alpha


@dataclass(frozen=True)
class Look:
    """What is known after a race.

    Attributes:
        races: so far.
        mean: of the differences, in the unit of the loss.
        clipped: mean of the clipped differences, which the test is about.
        low: lower end of the interval of the clipped mean; all intervals of a test hold it together, with a chance of 1 - alpha.
        high: upper end.
        ahead: e-value against "the challenger is not better".
        behind: e-value against "the challenger is not worse".
        verdict: `ahead`, `behind` or `undecided`, of the challenger; the first crossing of the threshold counts and stays.
        decided_after: how many races that took; None while undecided.
        to_go: races it would still take at the present mean and spread; None once decided, with too few races to tell, and where it would
            take longer than anybody waits.
    """

    races: int
    mean: float
    clipped: float
    low: float
    high: float
    ahead: float
    behind: float
    verdict: str
    decided_after: int | None
    to_go: int | None
