"""Numbers: one with its interval, and those that a run store can keep, which are finite ones.

MLflow turns an infinite one into the largest float, which reads like a result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pitwall.domain.errors import TrackingError


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


def checked(metrics: Mapping[str, float], step: int | None = None) -> dict[str, float]:
    """Return metrics as floats.

    Args:
        metrics: by name.
        step: of a history, for the message.

    Raises:
        TrackingError: one is no number, infinite or not a number; names it, its value and step. None of them is to be logged.

    Example:
        >>> checked({"loss": 1})
        {'loss': 1.0}
    """
    at = "" if step is None else f" at step {step}"
    numbers: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError, OverflowError):
            raise TrackingError(f"metric {name!r}{at} is {value!r}, which is no number; log a tag instead.") from None
        if not math.isfinite(numbers[name]):
            raise TrackingError(
                f"metric {name!r}{at} is {numbers[name]}; a run keeps finite numbers only. Find out why it is not one "
                "(a division by zero, the logarithm of 0, an empty set), or say what happened in a tag."
            )
    return numbers


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return those metrics that exist; for callers that say elsewhere which do not."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
