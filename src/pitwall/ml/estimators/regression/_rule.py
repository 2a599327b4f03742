"""A rule that repeats one number of a row, or goes on from it: the baselines that a model of a number must beat.

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
from pitwall.ml.estimators.shared.measured import measured
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
    change: str = ""
    times: float = 1.0

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the number of each row and the quantiles around it."""
        middle = np.nan_to_num(_number(frame, self.column, self.change, self.times), nan=self.otherwise)
        return self.spread.answer(middle, np.ones(len(frame)), frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "column": self.column,
            "otherwise": self.otherwise,
            "spread": dict(self.spread.at),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
            **({"change": self.change, "times": self.times} if self.change else {}),
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Repeats:
    """The plug-in of a rule that repeats a column.

    Attributes:
        name: of the baseline.
        column: that is repeated.
        change: column that is added, 0 where it is not known; empty for none.
        times: how often it is added.
        models: whose question the rule answers; None for any of the family.
    """

    name: str
    column: str
    change: str = ""
    times: float = 1.0
    models: tuple[str, ...] | None = None
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The columns that are read."""
        return (self.column, self.change) if self.change else (self.column,)

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
        number = _number(frame, self.column, self.change, self.times)
        otherwise = float(np.median(value))
        known = ~np.isnan(number)
        error = value[known] - number[known] if known.any() else value - otherwise
        spread = Spread.learn(error, np.ones(len(error)))
        fitted = FittedRule(self.column, otherwise, spread, dict(data.params), None, self.change, self.times)
        return measured(
            fitted, data, lambda later, seen: crps(fitted.answer(later), seen["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedRule:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedRule(**{**content, "spread": Spread(content["spread"])})


def _number(frame: pd.DataFrame, column: str, change: str, times: float) -> Array:
    """Return what the rule says of each row, NaN where it does not know."""
    number = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    if not change:
        return np.asarray(number)
    return np.asarray(number + times * np.nan_to_num(frame[change].to_numpy(dtype=np.float64, na_value=np.nan)))
