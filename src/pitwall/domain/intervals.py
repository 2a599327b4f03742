"""A value with its interval, and the smallest effect that it could have seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A value with its interval over `n` races.

    Attributes:
        detectable: the smallest true difference that a test at this confidence sees four times out of five; only for
            differences.
    """

    value: float
    low: float
    high: float
    n: int
    detectable: float | None = None

    def row(self) -> dict[str, float]:
        """Return the numbers for a report."""
        numbers = {"value": self.value, "low": self.low, "high": self.high, "n": float(self.n)}
        return numbers if self.detectable is None else {**numbers, "detectable": self.detectable}
