"""Gradient-boosted trees of classes, starting from the rates of the training rows.

Boosting stops where the log loss of later races is best; a slope fitted there takes back what is left of over-confidence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Traits, Trial
from pitwall.ml.estimators.multiclass._classes import answer, classes_of, happened, settle, training_scores
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.space import Real, Space, Whole, choose
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import (
    TreeRows,
    Watch,
    boost,
    known_values,
    load_booster,
    margins,
    save_booster,
    shapley,
)
from pitwall.ml.rows import feature_columns

if TYPE_CHECKING:
    import xgboost as xgb

FILE, TREES = "estimator.json", "booster.json"
MOST_ROUNDS = 400
RANGES: Space = {
    "eta": Real(0.02, 0.2, log=True),
    "max_depth": Whole(2, 8),
    "min_child_weight": Real(1.0, 100.0, log=True),
    "reg_lambda": Real(0.3, 30.0, log=True),
    "subsample": Real(0.5, 1.0),
    "colsample_bytree": Real(0.3, 1.0),
}


@dataclass(frozen=True)
class FittedTrees:
    """The trees, and the scores of the rates of their training rows."""

    classes: tuple[str, ...]
    trees: xgb.Booster
    features: tuple[str, ...]
    start: Array
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, rows x classes, before calibration."""
        return margins(self.trees, known_values(frame, self.features), _starts(self.start, len(frame)))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the log odds of the last class against the first: exact Shapley values of the trees."""
        by_class = shapley(self.trees, known_values(frame, self.features), self.features)
        return pd.DataFrame(by_class[:, -1] - by_class[:, 0], index=frame.index, columns=list(self.features))

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p_<class>` per row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write `booster.json` and `estimator.json`."""
        save_booster(self.trees, folder / TREES)
        content = {
            "classes": list(self.classes),
            "features": list(self.features),
            "start": self.start.tolist(),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class XGBoost:
    """The plug-in."""

    name = "xgboost"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    traits = Traits("JSON", stops=True)

    def default(self) -> Params:
        """Return what seasons up to 2022 chose: shallow, slow; `rounds` counts where no later races say when to stop."""
        return {
            "eta": 0.03,
            "max_depth": 2,
            "min_child_weight": 10.0,
            "reg_lambda": 10.0,
            "subsample": 0.7,
            "colsample_bytree": 0.5,
            "rounds": 80,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {**self.default(), **choose(trial, RANGES)}

    def fit(self, data: FitInput) -> FittedTrees:
        """Boost until the log loss of later races stops falling, or for `params["rounds"]` rounds without any."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        features, classes = tuple(feature_columns(frame)), classes_of(outcome)
        start = training_scores(happened(outcome))
        watch = None if data.validation is None else _watch(data, features, start)
        trees = boost(
            replace(_rows(frame, outcome, features, start), heard=data.hears("log_loss")),
            data.params,
            int(data.params["rounds"]) if watch is None else MOST_ROUNDS,
            seed=data.seed,
            watch=watch,
            objective="multi:softprob",
            eval_metric="mlogloss",
            num_class=len(classes),
        )
        params = {**data.params, "rounds": trees.num_boosted_rounds()}
        fitted = FittedTrees(classes, trees, features, start, params)
        params, loss = settle(fitted, data)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedTrees:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedTrees(
            tuple(content["classes"]),
            load_booster(folder / TREES),
            tuple(content["features"]),
            np.array(content["start"]),
            content["params"],
            content["validation_loss"],
        )


def _starts(start: Array, rows: int) -> Array:
    return np.tile(start, (rows, 1))


def _rows(frame: pd.DataFrame, outcome: pd.DataFrame, features: tuple[str, ...], start: Array) -> TreeRows:
    code = outcome["label"].cat.codes.to_numpy(dtype=np.float64)
    return TreeRows(known_values(frame, features), features, code, _starts(start, len(frame)))


def _watch(data: FitInput, features: tuple[str, ...], start: Array) -> Watch:
    assert data.validation is not None
    return Watch(_rows(*sorted_rows(*data.validation), features, start), data.report)


ESTIMATOR = XGBoost()
