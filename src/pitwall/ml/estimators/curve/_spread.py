"""From the middle of a slope to the family's answer: quantiles as wide as errors on later seasons were.

A few hundred rows tell the middle; on those very rows it looks better than it is. So each season of the training rows is told by a
middle that was fitted on the seasons before it, and what those errors were is what the answer allows for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.families.curve.answer import QUANTILES, curves
from pitwall.ml.families.shared.quantiles import pinball

Middles = Callable[[pd.DataFrame], Array]
FEWEST = 20  # errors on later seasons that tell quantiles; with fewer those on the training rows must do


@dataclass(frozen=True)
class Spread:
    """The quantiles of errors, in the order of `QUANTILES`."""

    at: tuple[float, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, value: Array, fit: Callable[[pd.DataFrame, Array], Middles]) -> Spread:
        """Return the spread that errors on later seasons show.

        Args:
            frame: sorted training rows with `season`.
            value: the slope of each.
            fit: learns the middle from some of the rows.
        """
        season, errors = frame["season"].to_numpy(), []
        for later in np.unique(season)[1:]:
            early, now = season < later, season == later
            middles = fit(frame[early].reset_index(drop=True), value[early])
            errors.append(value[now] - middles(frame[now]))
        found = np.concatenate(errors) if errors else np.empty(0)
        if len(found) < FEWEST:
            found = value - fit(frame, value)(frame)
        return cls(tuple(np.quantile(found, list(QUANTILES.values())).tolist()))

    def answer(self, middle: Array, index: pd.Index) -> pd.DataFrame:
        """Return the family's answer: each quantile is the middle plus that of the errors."""
        quantiles = np.maximum.accumulate(middle[:, None] + np.array(self.at), axis=1)
        return curves(quantiles, index)


def crps(answer: pd.DataFrame, value: Array) -> float:
    """Return the mean over rows of the score that the family's models are tuned by."""
    return float(pinball(answer[list(QUANTILES)].to_numpy(dtype=np.float64), QUANTILES, value).mean())


def lost_on(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the score of an answer, by the outcome."""
    return crps(answer, outcome["value"].to_numpy(dtype="float64"))
