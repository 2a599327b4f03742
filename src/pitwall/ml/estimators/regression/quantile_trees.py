"""Boosted trees of the quantiles of a number, all levels at once: for numbers whose errors are skewed and hardly grow with anything.

There is no line below the trees and no usual size of errors: each level starts from its quantile of the training rows. Levels that are
learned by heart lie too near to each other, so their distances from the median are widened as races that trees had not learned from
ask for: the later ones, else the last of the training races, beside trees of those before them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Traits, Trial
from pitwall.ml.estimators.regression._spread import crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.sorting import last_races, sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch, boost, load_booster, margins, save_booster
from pitwall.ml.families.regression.metrics import COLUMNS, MEDIAN, QUANTILES
from pitwall.ml.rows import feature_columns

if TYPE_CHECKING:
    import xgboost as xgb

FILE, TREES = "estimator.json", "quantiles.ubj"
MOST_ROUNDS = 400
ROUNDS = 100  # where no later races decide
LATE = 0.2  # of the training races: they tell the spread
LEVELS = np.array(list(QUANTILES.values()))
MIDDLE = list(QUANTILES).index(MEDIAN)
LOW, HIGH, CENTRAL = list(QUANTILES).index("q10"), list(QUANTILES).index("q90"), 0.8


@dataclass(frozen=True)
class FittedQuantiles:
    """The trees, what each level starts from, and how much wider than theirs the distances from the median are."""

    trees: xgb.Booster
    features: tuple[str, ...]
    starts: tuple[float, ...]
    widen: float
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return mean and quantiles per row; the mean is that of the levels, each weighted by the share that it stands for."""
        told = self.told(frame)
        middle = told[:, [MIDDLE]]
        levels = middle + self.widen * (told - middle)
        share = np.diff(np.concatenate([[0.0], (LEVELS[1:] + LEVELS[:-1]) / 2, [1.0]]))
        return pd.DataFrame(np.column_stack([levels @ share, levels]), index=frame.index, columns=list(COLUMNS))

    def told(self, frame: pd.DataFrame) -> Array:
        """Return the trees' levels, rows x levels; those that cross are put in order."""
        values = _values(frame, self.features)
        return np.sort(margins(self.trees, values, np.tile(self.starts, (len(values), 1))), axis=1)

    def save(self, folder: Path) -> None:
        """Write `quantiles.ubj` and `estimator.json`."""
        save_booster(self.trees, folder / TREES)
        content = {
            "features": list(self.features),
            "starts": dict(zip(QUANTILES, self.starts, strict=True)),
            "widen": self.widen,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class QuantileTrees:
    """The plug-in."""

    name = "quantile_trees"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    traits = Traits("UBJ, JSON", stops=True)
    models = ("gap_finish",)  # a tree per level and round: for thousands of rows, not for a hundred thousand laps

    def default(self) -> Params:
        """Return what seasons before the held-out ones chose: shallow, slow, with leaves of many rows."""
        return {
            "eta": 0.05,
            "max_depth": 2,
            "min_child_weight": 20.0,
            "reg_lambda": 20.0,
            "subsample": 0.7,
            "colsample_bytree": 0.4,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {
            "eta": trial.suggest_float("eta", 0.02, 0.1, log=True),
            "max_depth": trial.suggest_int("max_depth", 1, 4),
            "min_child_weight": trial.suggest_float("min_child_weight", 5.0, 100.0, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 1.0, 100.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
        }

    def fit(self, data: FitInput) -> FittedQuantiles:
        """Boost until the loss of later races stops falling, or for `params["rounds"]` rounds without them."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        fitted = _boosted(frame, value, data)
        if data.validation is not None:
            later, after = sorted_rows(*data.validation)
            true = after["value"].to_numpy(dtype=np.float64)
            widened = replace(fitted, widen=_widening(fitted, later, true))
            return replace(widened, validation_loss=crps(widened.answer(later), true))
        late = last_races(frame, LATE)
        if not late.any():
            return fitted
        early = _boosted(frame[~late].reset_index(drop=True), value[~late], replace(data, heard=None))
        return replace(fitted, widen=_widening(early, frame[late], value[late]))

    def load(self, folder: Path) -> FittedQuantiles:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedQuantiles(
            load_booster(folder / TREES),
            tuple(content["features"]),
            tuple(content["starts"].values()),
            content["widen"],
            content["params"],
            content["validation_loss"],
        )


def _boosted(frame: pd.DataFrame, value: Array, data: FitInput) -> FittedQuantiles:
    features, starts = tuple(feature_columns(frame)), np.quantile(value, LEVELS)
    rows = replace(_rows(frame, value, features, starts), heard=data.hears("pinball"))
    watch = None
    if data.validation is not None:
        later, after = sorted_rows(*data.validation)
        watch = Watch(_rows(later, after["value"].to_numpy(dtype=np.float64), features, starts), data.report)
    trees = boost(
        rows,
        data.params,
        int(data.params.get("rounds", ROUNDS)) if watch is None else MOST_ROUNDS,
        seed=data.seed,
        watch=watch,
        objective="reg:quantileerror",
        quantile_alpha=LEVELS,
        eval_metric="quantile",
    )
    params = {**data.params, "rounds": trees.num_boosted_rounds()}
    return FittedQuantiles(trees, features, tuple(starts.tolist()), 1.0, params)


def _rows(frame: pd.DataFrame, value: Array, features: tuple[str, ...], starts: Array) -> TreeRows:
    return TreeRows(_values(frame, features), features, value, np.tile(starts, (len(value), 1)))


def _values(frame: pd.DataFrame, features: tuple[str, ...]) -> Array:
    return np.asarray(frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan))


def _widening(fitted: FittedQuantiles, frame: pd.DataFrame, value: Array) -> float:
    """Return by how much the 80 % interval must be wider on both sides to hold 80 % of rows that were not learned from.

    Never below 1: a few calm races are no reason to say more than the trees do.
    """
    told = fitted.told(frame)
    off, below, above = value - told[:, MIDDLE], told[:, MIDDLE] - told[:, LOW], told[:, HIGH] - told[:, MIDDLE]
    side = np.maximum(np.where(off < 0, below, above), 1e-9)
    return max(1.0, float(np.quantile(np.abs(off) / side, CENTRAL)))


ESTIMATOR = QuantileTrees()
