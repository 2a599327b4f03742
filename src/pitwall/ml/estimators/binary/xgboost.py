"""Gradient-boosted trees of yes or no, starting from the rate that tells most alone.

Boosting stops where the log loss of later races is best; a slope fitted there takes back what is left of over-confidence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.binary._level import NAME, level_odds, settled_level
from pitwall.ml.estimators.binary._says import answer, finite, happened, settle, training_rate
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import (
    TreeRows,
    Watch,
    boost,
    load_booster,
    margins,
    save_booster,
    shapley,
)
from pitwall.ml.rows import feature_columns

if TYPE_CHECKING:
    import xgboost as xgb

FILE, TREES = "estimator.json", "booster.ubj"
MOST_ROUNDS = 400


@dataclass(frozen=True)
class FittedTrees:
    """The trees and the rate of their training rows."""

    trees: xgb.Booster
    features: tuple[str, ...]
    rate: float
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row, before calibration."""
        return margins(self.trees, _values(frame, self.features), self.features, self.starts(frame))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the exact Shapley values of the trees, the start counted to the feature that it is taken from."""
        values = shapley(self.trees, _values(frame, self.features), self.features)
        table = pd.DataFrame(values, index=frame.index, columns=list(self.features))
        level = self.params[NAME]
        return table if level is None else table.assign(**{level: table[level] + self.starts(frame)})

    def starts(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row that the trees are added to."""
        return level_odds(frame, self.params[NAME], self.rate)

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p` per row."""
        return answer(self.scores(frame), self.starts(frame), self.params, frame.index)

    def save(self, folder: Path) -> None:
        """Write `booster.ubj` and `estimator.json`."""
        save_booster(self.trees, folder / TREES)
        content = {
            "features": list(self.features),
            "rate": self.rate,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class XGBoost:
    """The plug-in."""

    name = "xgboost"
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return what seasons before the held-out ones chose: shallow, slow, with leaves of many rows."""
        return {
            "eta": 0.03,
            "max_depth": 2,
            "min_child_weight": 20.0,
            "reg_lambda": 50.0,
            "subsample": 0.7,
            "colsample_bytree": 0.5,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {
            "eta": trial.suggest_float("eta", 0.01, 0.2, log=True),
            "max_depth": trial.suggest_int("max_depth", 1, 4),
            "min_child_weight": trial.suggest_float("min_child_weight", 1.0, 100.0, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 1.0, 100.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
        }

    def fit(self, data: FitInput) -> FittedTrees:
        """Boost until the log loss of later races stops falling, or for `params["rounds"]` rounds without them."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, features = happened(outcome), tuple(feature_columns(frame))
        rate, level = training_rate(true), settled_level(frame, features, true, data.params)
        rows = TreeRows(_values(frame, features), features, true, level_odds(frame, level, rate))
        watch = None if data.validation is None else _watch(data, features, level, rate)
        rounds = int(data.params.get("rounds", MOST_ROUNDS)) if watch is None else MOST_ROUNDS
        trees = boost(
            rows,
            data.params,
            rounds,
            seed=data.seed,
            watch=watch,
            objective="binary:logistic",
            eval_metric="logloss",
            base_score=0.5,
        )
        params = {**data.params, NAME: level, "rounds": trees.num_boosted_rounds()}
        fitted = FittedTrees(trees, features, rate, params)
        params, loss = settle(fitted, data)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedTrees:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        trees = load_booster(folder / TREES)
        features = tuple(content["features"])
        return FittedTrees(trees, features, content["rate"], content["params"], content["validation_loss"])


def _values(frame: pd.DataFrame, features: tuple[str, ...]) -> Array:
    return finite(frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan))


def _watch(data: FitInput, features: tuple[str, ...], level: str | None, rate: float) -> Watch:
    assert data.validation is not None
    frame, outcome = sorted_rows(*data.validation)
    rows = TreeRows(_values(frame, features), features, happened(outcome), level_odds(frame, level, rate))
    return Watch(rows, data.report)


ESTIMATOR = XGBoost()
