"""A linear model of a slope: what features say beyond the running one, by least absolute errors, drawn to nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.curve._running import Running, own_features
from pitwall.ml.estimators.curve._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array, Standardised
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.robust import least_absolute, with_intercept
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"


@dataclass(frozen=True)
class Line:
    """The running slope and the coefficients (intercept last) of what is added to it."""

    running: Running
    design: Standardised
    weights: tuple[float, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, value: Array, ridge: float) -> Line:
        """Return the line through sorted training rows."""
        own, running = own_features(frame), Running.learn(value)
        design = Standardised.learn(own, list(own.columns))
        weights = least_absolute(design.matrix(own), value - running.of(own), ridge)
        return cls(running, design, tuple(weights.tolist()))

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the slope of each row."""
        own = own_features(frame)
        return np.asarray(self.running.of(own) + with_intercept(self.design.matrix(own)) @ np.array(self.weights))


@dataclass(frozen=True)
class FittedRidge:
    """The fitted line and the spread of its errors on later seasons."""

    line: Line
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return self.spread.answer(self.line.middles(frame), frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        names = [*self.line.design.columns, "intercept"]
        content: dict[str, Any] = {
            "otherwise": self.line.running.otherwise,
            "design": self.line.design.content(),
            "weights": dict(zip(names, self.line.weights, strict=True)),
            "spread": self.spread.at,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Ridge:
    """The plug-in."""

    name = "ridge"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    settles = False  # later rows measure a loss and decide nothing

    def default(self) -> Params:
        """Return a ridge that a few hundred rows move little."""
        return {"ridge": 300.0}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {"ridge": trial.suggest_float("ridge", 3.0, 10000.0, log=True)}

    def fit(self, data: FitInput) -> FittedRidge:
        """Fit the line, and lines of earlier seasons alone for the spread of its errors."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value, ridge = outcome["value"].to_numpy(dtype=np.float64), data.params["ridge"]
        spread = Spread.learn(frame, value, lambda rows, seen: Line.learn(rows, seen, ridge).middles)
        fitted = FittedRidge(Line.learn(frame, value, ridge), spread, dict(data.params))
        return measured(
            fitted, data, lambda later, after: crps(fitted.answer(later), after["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedRidge:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        design, weights = Standardised.of(content["design"]), tuple(content["weights"].values())
        line = Line(Running(content["otherwise"]), design, weights)
        return FittedRidge(line, Spread(tuple(content["spread"])), content["params"], content["validation_loss"])


ESTIMATOR = Ridge()
