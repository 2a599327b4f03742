"""Logistic regression on standardised features, shrunk by a ridge, starting from the rate that tells most alone.

The ridge is told in shares of what the rows know (the information of a balanced column), so one number serves four hundred races
and ten thousand cars. The intercept is not shrunk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.binary._level import NAME, level_odds, settled_level
from pitwall.ml.estimators.binary._says import answer, happened, settle, training_rate
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.linear import MISSING, Standardised
from pitwall.ml.estimators.shared.logistic import ridged_line
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedLogistic:
    """Coefficients of the design's columns, the intercept last; `rate` is that of the training rows."""

    design: Standardised
    coefficients: tuple[float, ...]
    rate: float
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row, before calibration."""
        added = self.design.matrix(frame) @ np.array(self.coefficients[:-1])
        return np.asarray(self.starts(frame) + added + self.coefficients[-1])

    def starts(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row that the line is added to."""
        return level_odds(frame, self.params[NAME], self.rate)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the score, the start counted to the feature that it is taken from."""
        added = self.design.matrix(frame) * np.array(self.coefficients[:-1])
        table = pd.DataFrame(added, index=frame.index, columns=[_feature(name) for name in self.design.columns])
        table = table.T.groupby(level=0, sort=False).sum().T[list(self.design.features)]
        level = self.params[NAME]
        return table if level is None else table.assign(**{level: table[level] + level_odds(frame, level, self.rate)})

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p` per row."""
        return answer(self.scores(frame), self.starts(frame), self.params, frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        names = [*self.design.columns, "intercept"]
        content = {
            "design": self.design.content(),
            "coefficients": dict(zip(names, self.coefficients, strict=True)),
            "rate": self.rate,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Logistic:
    """The plug-in."""

    name = "logistic"
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return the ridge that seasons before the held-out ones chose."""
        return {"ridge": 0.8}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {"ridge": trial.suggest_float("ridge", 0.05, 10.0, log=True)}

    def fit(self, data: FitInput) -> FittedLogistic:
        """Fit the line; validation races, where given, settle the slope of its log odds."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, features = happened(outcome), feature_columns(frame)
        rate, level = training_rate(true), settled_level(frame, features, true, data.params)
        design = Standardised.learn(frame, features)
        shrink = data.params["ridge"] * len(true) * rate * (1.0 - rate)
        line = ridged_line(design.matrix(frame), true, level_odds(frame, level, rate), shrink)
        fitted = FittedLogistic(design, tuple(line.tolist()), rate, {**data.params, NAME: level})
        params, loss = settle(fitted, data)
        if data.report is not None and loss is not None:
            data.report(0, loss)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedLogistic:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedLogistic(
            Standardised.of(content["design"]),
            tuple(content["coefficients"].values()),
            content["rate"],
            content["params"],
            content["validation_loss"],
        )


def _feature(column: str) -> str:
    return column.removesuffix(MISSING)


ESTIMATOR = Logistic()
