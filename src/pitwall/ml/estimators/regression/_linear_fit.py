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

    The middle stays within the values that were seen in training, widened by their range: a line has no business beyond. With a
    feature to start from, all of that is said of what is added to it; where that feature is not known, its usual value stands in.
    """

    design: Standardised
    middle: tuple[float, ...]
    size: tuple[float, ...]
    low: float
    high: float
    start: str = ""
    usual_start: float = 0.0

    @classmethod
    def learn(
        cls, frame: pd.DataFrame, features: Sequence[str], value: Array, ridge: float, start: str = ""
    ) -> LinearFit:
        """Return the line through sorted training rows.

        Args:
            frame: with the features.
            features: which columns, in order.
            value: one number per row.
            ridge: rows' worth of shrinkage of each coefficient.
            start: the feature that the line is added to; empty, or one that the rows lack or never know, for none.
        """
        start = start if start in features and frame[start].notna().any() else ""
        usual_start = float(frame[start].median()) if start else 0.0
        value = value - _starts(frame, start, usual_start)
        design = Standardised.learn(frame, features)
        matrix = design.matrix(frame)
        middle = least_absolute(matrix, value, ridge)
        size = log_spread(matrix, value - with_intercept(matrix) @ middle, ridge)
        reach = float(np.ptp(value))
        low, high = float(value.min()) - reach, float(value.max()) + reach
        return cls(design, tuple(middle.tolist()), tuple(size.tolist()), low, high, start, usual_start)

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row."""
        line = np.clip(self._line(frame), self.low, self.high)
        return np.asarray(line + _starts(frame, self.start, self.usual_start))

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the line itself, wherever it leads, on top of what it starts from."""
        return np.asarray(self._line(frame) + _starts(frame, self.start, self.usual_start))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the line, and the start to what it is usually: frame rows x features."""
        told = self.design.told(frame, np.array(self.middle[:-1]))
        if self.start:
            told[self.start] += _starts(frame, self.start, self.usual_start) - self.usual_start
        return told

    def _line(self, frame: pd.DataFrame) -> Array:
        return np.asarray(with_intercept(self.design.matrix(frame)) @ np.array(self.middle))

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
            **({"start": self.start, "usual_start": self.usual_start} if self.start else {}),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> LinearFit:
        """Read what `content` gave."""
        middle, size = (tuple(content[name].values()) for name in ("middle", "size"))
        more = {name: content[name] for name in ("start", "usual_start") if name in content}
        return cls(Standardised.of(content["design"]), middle, size, content["low"], content["high"], **more)


def _starts(frame: pd.DataFrame, start: str, usual: float) -> Array:
    if not start:
        return np.zeros(len(frame))
    return np.asarray(frame[start].astype("float64").fillna(usual))
