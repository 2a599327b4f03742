"""The baseline that knows no row from another: the median of all that was seen, with the spread around it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedMedian:
    """The median, and how far numbers lie from it."""

    median: float
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the same number and quantiles for each row."""
        return self.spread.answer(np.full(len(frame), self.median), np.ones(len(frame)), frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "median": self.median,
            "spread": dict(self.spread.at),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class OverallMedian:
    """The plug-in."""

    name = "overall_median"
    role: Role = "baseline"
    needs: tuple[str, ...] | None = ()
    settles = False  # later rows measure a loss and decide nothing

    def default(self) -> Params:
        """Return the one configuration: a rule has no parameters."""
        return {}

    def space(self, trial: Trial) -> Params:
        """Return the default: there is nothing to choose."""
        return self.default()

    def fit(self, data: FitInput) -> FittedMedian:
        """Learn the median and the spread around it."""
        _, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        median = float(np.median(value))
        fitted = FittedMedian(median, Spread.learn(value - median, np.ones(len(value))), dict(data.params))
        return measured(
            fitted, data, lambda later, seen: crps(fitted.answer(later), seen["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedMedian:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedMedian(**{**content, "spread": Spread(content["spread"])})


ESTIMATOR = OverallMedian()
