"""From the middle of an answer and the usual size of its error to a mean and quantiles that cover as often as they say.

What an error is in units of its usual size has nearly the same distribution everywhere. Its quantiles are read off errors that the
model made on rows it had not learned from, where it learns so much by heart that its own rows would flatter it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.families.regression.metrics import COLUMNS, MEAN, QUANTILES
from pitwall.ml.families.shared.quantiles import pinball

EXTREME = 0.001  # the share at each end that counts as the quantile there: one absurd lap shall not move the mean


@dataclass(frozen=True)
class Spread:
    """The mean and the quantiles of errors in units of their usual size, by answer column."""

    at: Mapping[str, float]

    @classmethod
    def learn(cls, error: Array, size: Array) -> Spread:
        """Return the spread that errors show.

        Args:
            error: outcome less middle, one per row.
            size: the usual size of the error of each row, above 0.
        """
        units = error / size
        low, high = np.quantile(units, [EXTREME, 1.0 - EXTREME])
        levels = np.quantile(units, list(QUANTILES.values()))
        mean = float(np.clip(units, low, high).mean())
        return cls({MEAN: mean, **dict(zip(QUANTILES, levels.tolist(), strict=True))})

    def answer(self, middle: Array, size: Array, index: pd.Index) -> pd.DataFrame:
        """Return the family's answer: each column is the middle plus its number of usual sizes."""
        values = middle[:, None] + size[:, None] * np.array([self.at[name] for name in COLUMNS])
        # Where sizes are tiny beside the middle, rounding may swap two quantiles by a bit.
        values[:, 1:] = np.maximum.accumulate(values[:, 1:], axis=1)
        return pd.DataFrame(values, index=index, columns=list(COLUMNS))


def crps(answer: pd.DataFrame, value: Array) -> float:
    """Return the mean over rows of the score that the family's models are tuned by."""
    return float(pinball(answer[list(QUANTILES)].to_numpy(dtype=np.float64), QUANTILES, value).mean())


def lost_on(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the score of an answer, by the outcome."""
    return crps(answer, outcome["value"].to_numpy(dtype="float64"))
