"""Multinomial logistic regression on standardised features, shrunk by a ridge towards the rates of the training rows.

The ridge is told in shares of what the rows know (the information of a balanced column), so one number serves a hundred races and
thousands of cars. Intercepts are not shrunk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.multiclass._classes import (
    answer,
    classes_of,
    happened,
    settle,
    softmax,
    training_scores,
)
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.robust import with_intercept
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"
ROUNDS = 100
SETTLED = 1e-9  # the largest step at which coefficients have
SMALLEST = 1e-6  # shrinkage of intercepts, without which only their differences are settled


@dataclass(frozen=True)
class FittedLogistic:
    """Coefficients of each class, columns of the design and the intercept last; `start` are the scores of the training rates."""

    classes: tuple[str, ...]
    design: Standardised
    coefficients: Array
    start: Array
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, rows x classes, before calibration."""
        return np.asarray(self.start + with_intercept(self.design.matrix(frame)) @ self.coefficients.T)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the log odds of the last class against the first."""
        line = self.coefficients[-1] - self.coefficients[0]
        return self.design.told(frame, line[:-1])

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p_<class>` per row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        names = [*self.design.columns, "intercept"]
        lines = zip(self.classes, self.coefficients.tolist(), strict=True)
        content = {
            "design": self.design.content(),
            "coefficients": {name: dict(zip(names, line, strict=True)) for name, line in lines},
            "start": self.start.tolist(),
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
        """Return the ridge that seasons before the scored ones chose."""
        return {"ridge": 2.0}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {"ridge": trial.suggest_float("ridge", 0.5, 50.0, log=True)}

    def fit(self, data: FitInput) -> FittedLogistic:
        """Fit the lines; validation races, where given, settle the slope of their scores."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, start = happened(outcome), training_scores(happened(outcome))
        design = Standardised.learn(frame, feature_columns(frame))
        rates = np.exp(start)
        shrink = data.params["ridge"] * len(true) * float((rates * (1.0 - rates)).mean())
        lines = _lines(with_intercept(design.matrix(frame)), true, start, shrink)
        fitted = FittedLogistic(classes_of(outcome), design, lines, start, dict(data.params))
        params, loss = settle(fitted, data)
        if data.report is not None and loss is not None:
            data.report(0, loss)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedLogistic:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        lines = content["coefficients"]
        return FittedLogistic(
            tuple(lines),
            Standardised.of(content["design"]),
            np.array([list(line.values()) for line in lines.values()]),
            np.array(content["start"]),
            content["params"],
            content["validation_loss"],
        )


def _lines(design: Array, true: Array, start: Array, shrink: float) -> Array:
    """Return the coefficients, classes x columns, that make the ridged log likelihood largest, by Newton's method.

    Its steps are halved where they lead uphill if they do not settle without: they overshoot where a column tells a class nearly surely.
    """
    beta, settled = _newton(design, true, start, shrink, halved=False)
    return beta if settled else _newton(design, true, start, shrink, halved=True)[0]


def _newton(design: Array, true: Array, start: Array, shrink: float, *, halved: bool) -> tuple[Array, bool]:
    """Return the coefficients after at most `ROUNDS` steps, and whether they settled."""
    classes, columns = true.shape[1], design.shape[1]
    prior = np.full((classes, columns), shrink)
    prior[:, -1] = SMALLEST

    def loss(beta: Array) -> float:
        p = np.maximum((softmax(start + design @ beta.T) * true).sum(axis=1), np.finfo(np.float64).tiny)
        return float(-np.log(p).sum() + 0.5 * (prior * beta**2).sum())

    beta = np.zeros((classes, columns))
    for _ in range(ROUNDS):
        p = softmax(start + design @ beta.T)
        slope = (p - true).T @ design + prior * beta
        # The curvature of class i against class j weighs each row by p_i (1{i = j} - p_j).
        weight = p[:, :, None] * (np.eye(classes) - p[:, None, :])
        curve = np.einsum("rij,rk,rl->ikjl", weight, design, design, optimize=True)
        whole = curve.reshape(classes * columns, -1) + np.diag(prior.ravel())
        step = np.clip(np.linalg.solve(whole, slope.ravel()), -2.0, 2.0).reshape(classes, columns)
        while halved and np.abs(step).max() >= SETTLED and loss(beta - step) > loss(beta):
            step = step / 2.0
        beta = beta - step
        if np.abs(step).max() < SETTLED:
            return beta, True
    return beta, False


ESTIMATOR = Logistic()
