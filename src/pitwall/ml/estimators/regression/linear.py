"""A linear model of a number: least absolute errors on standardised features, with quantiles that widen where errors do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._linear_fit import LinearFit
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedLinear:
    """The fitted line and the spread of its errors."""

    line: LinearFit
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return mean and quantiles per row."""
        return self.spread.answer(self.line.middles(frame), self.line.sizes(frame), frame.index)

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the line per row, before it is held within the values of training."""
        return self.line.scores(frame)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the line."""
        return self.line.contributions(frame)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content: dict[str, Any] = {
            "line": self.line.content(),
            "spread": dict(self.spread.at),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Linear:
    """The plug-in."""

    name = "linear"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    settles = False  # later rows measure a loss and decide nothing

    def default(self) -> Params:
        """Return a ridge that tens of thousands of rows do not feel and a few dozen do."""
        return {"ridge": 1.0}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {"ridge": trial.suggest_float("ridge", 0.01, 1000.0, log=True)}

    def fit(self, data: FitInput) -> FittedLinear:
        """Fit the line; a few dozen coefficients overfit nothing, so the errors on the same rows tell the spread."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        line = LinearFit.learn(frame, feature_columns(frame), value, data.params["ridge"], data.start)
        spread = Spread.learn(value - line.middles(frame), line.sizes(frame))
        fitted = FittedLinear(line, spread, dict(data.params))
        return measured(
            fitted, data, lambda later, seen: crps(fitted.answer(later), seen["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedLinear:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        line, spread = LinearFit.of(content["line"]), Spread(content["spread"])
        return FittedLinear(line, spread, content["params"], content["validation_loss"])


ESTIMATOR = Linear()
