"""Boosted trees on what a linear model leaves over: the middle of a number, the usual size of its error, and quantiles.

The line carries the level (a lap of Spa is twenty seconds longer than one of Monza), which trees can only learn by heart; the
trees carry what is not linear. A second, smaller booster learns how far off the first usually is. Later races decide how many trees
there are and give the quantiles of the error in units of its usual size; both are parameters from then on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._linear_fit import LinearFit
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.robust import log_size
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import (
    TreeRows,
    Watch,
    boost,
    load_booster,
    margins,
    save_booster,
    shape_space,
)
from pitwall.ml.rows import feature_columns

if TYPE_CHECKING:
    import xgboost as xgb

FILE = "estimator.json"
MIDDLE, SIZE = "middle.ubj", "size.ubj"
MOST_ROUNDS = 600
RIDGE = 1.0
BINS = 64  # of a feature's values: splits finer than that cost time and find nothing
# How large errors usually are is a coarser question than where the middle is: small, slow trees, always as many.
SIZE_SHAPE = {
    "eta": 0.1,
    "max_depth": 4,
    "min_child_weight": 30.0,
    "reg_lambda": 5.0,
    "subsample": 0.7,
    "colsample_bytree": 0.5,
}
SIZE_ROUNDS = 80


@dataclass(frozen=True)
class FittedTrees:
    """A line, the trees on top of it, the trees of the size of errors, and the spread."""

    line: LinearFit
    middle: xgb.Booster
    size: xgb.Booster
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return mean and quantiles per row."""
        return self.spread.answer(self.middles(frame), self.sizes(frame), frame.index)

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row: the line plus the trees."""
        names = self.line.design.features
        return self.line.middles(frame) + margins(self.middle, _values(frame, names), names)

    def sizes(self, frame: pd.DataFrame) -> Array:
        """Return the usual size of the error of each row."""
        names = self.line.design.features
        return np.exp(margins(self.size, _values(frame, names), names))

    def save(self, folder: Path) -> None:
        """Write `middle.ubj`, `size.ubj` and `estimator.json`."""
        save_booster(self.middle, folder / MIDDLE)
        save_booster(self.size, folder / SIZE)
        content = {"line": self.line.content(), "params": self.params, "validation_loss": self.validation_loss}
        text = json.dumps({**content, "params": dict(sorted(self.params.items()))}, indent=2)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")


class XGBoost:
    """The plug-in."""

    name = "xgboost"
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return what the laps of 2018 to 2022 chose."""
        return {
            "eta": 0.1,
            "max_depth": 6,
            "min_child_weight": 20.0,
            "reg_lambda": 5.0,
            "subsample": 0.7,
            "colsample_bytree": 0.5,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return shape_space(trial)

    def fit(self, data: FitInput) -> FittedTrees:
        """Boost until the error of later races stops falling, or for `params["rounds"]` rounds without them.

        With neither later races nor a settled spread the errors on the training rows tell the spread, which is then too narrow.
        """
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        line = LinearFit.learn(frame, feature_columns(frame), value, RIDGE)
        left = value - line.middles(frame)
        rows = TreeRows(_values(frame, line.design.features), line.design.features, left)
        watch = None if data.validation is None else _watch(line, data)
        rounds = int(data.params.get("rounds", MOST_ROUNDS)) if watch is None else MOST_ROUNDS
        middle = boost(
            rows,
            data.params,
            rounds,
            seed=data.seed,
            watch=watch,
            objective="reg:absoluteerror",
            eval_metric="mae",
            max_bin=BINS,
        )
        error = left - margins(middle, rows.values, rows.names)
        size = boost(
            replace(rows, target=log_size(error)),
            SIZE_SHAPE,
            SIZE_ROUNDS,
            seed=data.seed,
            objective="reg:squarederror",
            max_bin=BINS,
            base_score=float(log_size(error).mean()),
        )
        settled = {**data.params, "rounds": middle.num_boosted_rounds()}
        fitted = FittedTrees(line, middle, size, Spread({}), settled)
        return _settle(fitted, (frame, value), data)

    def load(self, folder: Path) -> FittedTrees:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        params = content["params"]
        return FittedTrees(
            LinearFit.of(content["line"]),
            load_booster(folder / MIDDLE),
            load_booster(folder / SIZE),
            Spread(params["spread"]),
            params,
            content["validation_loss"],
        )


def _values(frame: pd.DataFrame, names: tuple[str, ...]) -> Array:
    return np.asarray(frame[list(names)].to_numpy(dtype=np.float64, na_value=np.nan))


def _watch(line: LinearFit, data: FitInput) -> Watch:
    assert data.validation is not None
    frame, outcome = sorted_rows(*data.validation)
    left = outcome["value"].to_numpy(dtype=np.float64) - line.middles(frame)
    return Watch(TreeRows(_values(frame, line.design.features), line.design.features, left), data.report)


def _settle(fitted: FittedTrees, learned: tuple[pd.DataFrame, Array], data: FitInput) -> FittedTrees:
    """Give the trees their spread: that of later races, else the one settled by an earlier fit, else that of the training rows."""
    settled = data.params.get("spread")
    if data.validation is None and settled is not None:
        return replace(fitted, spread=Spread(settled))
    frame, value = learned
    if data.validation is not None:
        frame, outcome = sorted_rows(*data.validation)
        value = outcome["value"].to_numpy(dtype=np.float64)
    middle, size = fitted.middles(frame), fitted.sizes(frame)
    spread = Spread.learn(value - middle, size)
    loss = None if data.validation is None else crps(spread.answer(middle, size, frame.index), value)
    params = {**fitted.params, "spread": dict(spread.at)}
    return replace(fitted, spread=spread, params=params, validation_loss=loss)


ESTIMATOR = XGBoost()
