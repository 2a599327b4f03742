"""Boosted trees on what a linear model leaves over: the middle of a number, the usual size of its error, and quantiles.

The line carries the level (a lap of Spa is twenty seconds longer than one of Monza), which trees can only learn by heart; the
trees carry what is not linear. A second, smaller booster learns how far off the first usually is. Later races decide how many trees
there are, which is a parameter from then on. The quantiles of the error in units of its usual size are those of races that trees had
not learned from: the later ones, else the last of the training races, beside trees that were fitted on those before them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._late import late_rows
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
    shapley,
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

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row, before the line is held within the values of training."""
        names = self.line.design.features
        return self.line.scores(frame) + margins(self.middle, _values(frame, names), names)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the line, and the exact Shapley values of the trees on top of it."""
        names = self.line.design.features
        return self.line.contributions(frame) + shapley(self.middle, _values(frame, names), names)

    def sizes(self, frame: pd.DataFrame) -> Array:
        """Return the usual size of the error of each row."""
        names = self.line.design.features
        return np.exp(margins(self.size, _values(frame, names), names))

    def save(self, folder: Path) -> None:
        """Write `middle.ubj`, `size.ubj` and `estimator.json`."""
        save_booster(self.middle, folder / MIDDLE)
        save_booster(self.size, folder / SIZE)
        content = {
            "line": self.line.content(),
            "params": self.params,
            "spread": dict(self.spread.at),
            "validation_loss": self.validation_loss,
        }
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
        """Boost until the error of later races stops falling, or for `params["rounds"]` rounds without them."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        fitted = _boosted(frame, value, data)
        if data.validation is not None:
            later, after = sorted_rows(*data.validation)
            true = after["value"].to_numpy(dtype=np.float64)
            spread = _spread(fitted, later, true)
            loss = crps(spread.answer(fitted.middles(later), fitted.sizes(later), later.index), true)
            return replace(fitted, spread=spread, validation_loss=loss)
        late = late_rows(frame)
        if not late.any():
            return replace(fitted, spread=_spread(fitted, frame, value))
        early = _boosted(frame[~late].reset_index(drop=True), value[~late], data)
        return replace(fitted, spread=_spread(early, frame[late], value[late]))

    def load(self, folder: Path) -> FittedTrees:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedTrees(
            LinearFit.of(content["line"]),
            load_booster(folder / MIDDLE),
            load_booster(folder / SIZE),
            Spread(content["spread"]),
            content["params"],
            content["validation_loss"],
        )


def _values(frame: pd.DataFrame, names: tuple[str, ...]) -> Array:
    return np.asarray(frame[list(names)].to_numpy(dtype=np.float64, na_value=np.nan))


def _watch(line: LinearFit, data: FitInput) -> Watch:
    assert data.validation is not None
    frame, outcome = sorted_rows(*data.validation)
    left = outcome["value"].to_numpy(dtype=np.float64) - line.middles(frame)
    return Watch(TreeRows(_values(frame, line.design.features), line.design.features, left), data.report)


def _boosted(frame: pd.DataFrame, value: Array, data: FitInput) -> FittedTrees:
    """Return line and trees of some rows, their spread not known yet."""
    line = LinearFit.learn(frame, feature_columns(frame), value, RIDGE, data.start)
    left = value - line.middles(frame)
    rows = TreeRows(_values(frame, line.design.features), line.design.features, left)
    watch = None if data.validation is None else _watch(line, data)
    middle = boost(
        rows,
        data.params,
        int(data.params.get("rounds", MOST_ROUNDS)) if watch is None else MOST_ROUNDS,
        seed=data.seed,
        watch=watch,
        objective="reg:absoluteerror",
        eval_metric="mae",
        max_bin=BINS,
    )
    off = log_size(left - margins(middle, rows.values, rows.names))
    size = boost(
        replace(rows, target=off),
        SIZE_SHAPE,
        SIZE_ROUNDS,
        seed=data.seed,
        objective="reg:squarederror",
        max_bin=BINS,
        base_score=float(off.mean()),
    )
    return FittedTrees(line, middle, size, Spread({}), {**data.params, "rounds": middle.num_boosted_rounds()})


def _spread(fitted: FittedTrees, frame: pd.DataFrame, value: Array) -> Spread:
    return Spread.learn(value - fitted.middles(frame), fitted.sizes(frame))


ESTIMATOR = XGBoost()
