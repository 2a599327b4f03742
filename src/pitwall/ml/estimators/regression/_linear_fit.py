"""The linear part that both models of a number share: a middle by least absolute errors, and the usual size of what it misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators.shared.linear import Array, Standardised
from pitwall.ml.estimators.shared.robust import least_absolute, log_spread, with_intercept


@dataclass(frozen=True)
class LinearFit:
    """Coefficients of the middle and of the logarithm of the size of errors, each with its intercept last.

    The middle stays within the values that were seen in training, widened by their range: a line has no business beyond.
    """

    design: Standardised
    middle: tuple[float, ...]
    size: tuple[float, ...]
    low: float
    high: float

    @classmethod
    def learn(cls, frame: pd.DataFrame, features: Sequence[str], value: Array, ridge: float) -> LinearFit:
        """Return the line through sorted training rows."""
        design = Standardised.learn(frame, features)
        matrix = design.matrix(frame)
        middle = least_absolute(matrix, value, ridge)
        size = log_spread(matrix, value - with_intercept(matrix) @ middle, ridge)
        reach = float(np.ptp(value))
        low, high = float(value.min()) - reach, float(value.max()) + reach
        return cls(design, tuple(middle.tolist()), tuple(size.tolist()), low, high)

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row."""
        return np.asarray(np.clip(self.scores(frame), self.low, self.high))

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the line itself, wherever it leads."""
        return np.asarray(with_intercept(self.design.matrix(frame)) @ np.array(self.middle))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the line: frame rows x features."""
        return self.design.told(frame, np.array(self.middle[:-1]))

    def sizes(self, frame: pd.DataFrame) -> Array:
        """Return the usual size of the error of each row."""
        return np.asarray(np.exp(with_intercept(self.design.matrix(frame)) @ np.array(self.size)))

    def content(self) -> dict[str, Any]:
        """Return it as JSON values, coefficients by the name of their column."""
        names = [*self.design.columns, "intercept"]
        return {
            "design": self.design.content(),
            "middle": dict(zip(names, self.middle, strict=True)),
            "size": dict(zip(names, self.size, strict=True)),
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> LinearFit:
        """Read what `content` gave."""
        middle, size = (tuple(content[name].values()) for name in ("middle", "size"))
        return cls(Standardised.of(content["design"]), middle, size, content["low"], content["high"])
