"""A rule that repeats one number of a row: the baselines that a model of a number must beat.

A rule says quantiles too, or its score could not be compared: those of the errors that it made on the rows it was given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedRule:
    """The rule with the spread of its errors; `otherwise` is said where the number is not known."""

    column: str
    otherwise: float
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the number of each row and the quantiles around it."""
        return self.spread.answer(self._middle(frame), np.ones(len(frame)), frame.index)

    def _middle(self, frame: pd.DataFrame) -> Array:
        return np.asarray(frame[self.column].astype("float64").fillna(self.otherwise))

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "column": self.column,
            "otherwise": self.otherwise,
            "spread": dict(self.spread.at),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Repeats:
    """The plug-in of a rule that repeats a column."""

    name: str
    column: str
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The one column that is read."""
        return (self.column,)

    def default(self) -> Params:
        """Return the one configuration: a rule has no parameters."""
        return {}

    def space(self, trial: Trial) -> Params:
        """Return the default: there is nothing to choose."""
        return self.default()

    def fit(self, data: FitInput) -> FittedRule:
        """Learn how far the rule usually lies off, and what to say where its number is not known."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        number = frame[self.column].to_numpy(dtype=np.float64, na_value=np.nan)
        otherwise = float(np.median(value))
        known = ~np.isnan(number)
        error = value[known] - number[known] if known.any() else value - otherwise
        fitted = FittedRule(self.column, otherwise, Spread.learn(error, np.ones(len(error))), dict(data.params))
        if data.validation is None:
            return fitted
        later, seen = data.validation
        loss = crps(fitted.answer(later), seen["value"].to_numpy(dtype=np.float64))
        if data.report is not None:
            data.report(0, loss)
        return FittedRule(fitted.column, otherwise, fitted.spread, fitted.params, loss)

    def load(self, folder: Path) -> FittedRule:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedRule(**{**content, "spread": Spread(content["spread"])})
