"""Logistic regression of the hazard of each step (Cox 1972, in discrete time), on top of how often rows ended with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.logistic import ridged_line
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.survival._hazards import Hazards
from pitwall.ml.estimators.survival._periods import Periods, names_of
from pitwall.ml.estimators.survival._says import answer, counted, lost, settle, starts
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedHazard:
    """Coefficients of the design's columns, the intercept last, and the hazards that the line is added to."""

    features: tuple[str, ...]
    design: Standardised
    coefficients: tuple[float, ...]
    level: Hazards
    params: Params
    validation_loss: float | None = None

    def scores_of(self, frame: pd.DataFrame, periods: Periods) -> Array:
        """Return the log odds per step, before calibration."""
        columns = self.design.matrix(_table(frame, periods, self.features))
        added = columns @ self.coefficients[:-1] + self.coefficients[-1]
        return added + starts(self.level, frame, periods)

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "features": list(self.features),
            "design": self.design.content(),
            "coefficients": dict(zip([*self.design.columns, "intercept"], self.coefficients, strict=True)),
            "level": self.level.content(),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Hazard:
    """The plug-in."""

    name = "hazard"
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return the ridge that seasons before the held-out ones chose."""
        return {"ridge": 0.3}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {"ridge": trial.suggest_float("ridge", 0.005, 2.0, log=True)}

    def fit(self, data: FitInput) -> FittedHazard:
        """Fit the line; later rows, where given, settle its slope."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        if data.validation is not None:
            data = replace(data, validation=sorted_rows(*data.validation))
        features, level = tuple(feature_columns(frame)), counted(frame, outcome)
        periods, ended = Periods.watched(outcome)
        table = _table(frame, periods, features)
        design = Standardised.learn(table, list(table))
        rate = (ended.sum() + 0.5) / (len(ended) + 1.0)
        shrink = data.params["ridge"] * len(ended) * rate * (1.0 - rate)
        line = ridged_line(design.matrix(table), ended, starts(level, frame, periods), shrink)
        fitted = FittedHazard(features, design, tuple(line.tolist()), level, data.params)
        fitted = replace(fitted, params=settle(fitted, data))
        loss = lost(fitted, data)
        if data.report is not None and loss is not None:
            data.report(0, loss)
        return replace(fitted, validation_loss=loss)

    def load(self, folder: Path) -> FittedHazard:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedHazard(
            tuple(content["features"]),
            Standardised.of(content["design"]),
            tuple(content["coefficients"].values()),
            Hazards.read(content["level"]),
            content["params"],
            content["validation_loss"],
        )


def _table(frame: pd.DataFrame, periods: Periods, features: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(periods.values(frame, features), columns=list(names_of(features)))


ESTIMATOR = Hazard()
