"""Boosted trees on what the running slope leaves over. Later races decide how many there are, which is a parameter from then on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Traits, Trial
from pitwall.ml.estimators.curve._running import Running, own_features
from pitwall.ml.estimators.curve._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch, boost, load_booster, margins, save_booster, shape_space

if TYPE_CHECKING:
    import xgboost as xgb

FILE, TREES = "estimator.json", "trees.ubj"
MOST_ROUNDS = 300
UNSEEN_ROUNDS = 20  # where no later races decide


@dataclass(frozen=True)
class Trees:
    """The running slope, the trees on top of it and the columns that they read."""

    running: Running
    booster: xgb.Booster
    names: tuple[str, ...]

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the slope of each row."""
        own = own_features(frame)
        return self.running.of(own) + margins(self.booster, _values(own, self.names), self.names)


@dataclass(frozen=True)
class FittedTrees:
    """The trees and the spread of their errors on later seasons."""

    trees: Trees
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return self.spread.answer(self.trees.middles(frame), frame.index)

    def save(self, folder: Path) -> None:
        """Write `trees.ubj` and `estimator.json`."""
        save_booster(self.trees.booster, folder / TREES)
        content = {
            "otherwise": self.trees.running.otherwise,
            "names": self.trees.names,
            "spread": self.spread.at,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class XGBoost:
    """The plug-in."""

    name = "xgboost"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    traits = Traits("UBJ, JSON", stops=True)

    def default(self) -> Params:
        """Return small, slow trees: there are a few hundred rows."""
        return {
            "eta": 0.05,
            "max_depth": 2,
            "min_child_weight": 20.0,
            "reg_lambda": 10.0,
            "subsample": 0.7,
            "colsample_bytree": 0.7,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return shape_space(trial)

    def fit(self, data: FitInput) -> FittedTrees:
        """Boost until the error on later races stops falling, then fit the seasons before each one for the spread."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        trees = _boosted(frame, value, data, watched=data.validation is not None)
        rounds = trees.booster.num_boosted_rounds()
        settled = replace(data, params={**data.params, "rounds": rounds})
        spread = Spread.learn(frame, value, lambda rows, seen: _boosted(rows, seen, settled).middles)
        fitted = FittedTrees(trees, spread, settled.params)
        if data.validation is None:
            return fitted
        later, after = data.validation
        return replace(fitted, validation_loss=crps(fitted.answer(later), after["value"].to_numpy(dtype=np.float64)))

    def load(self, folder: Path) -> FittedTrees:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        trees = Trees(Running(content["otherwise"]), load_booster(folder / TREES), tuple(content["names"]))
        return FittedTrees(trees, Spread(tuple(content["spread"])), content["params"], content["validation_loss"])


def _boosted(frame: pd.DataFrame, value: Array, data: FitInput, *, watched: bool = False) -> Trees:
    running = Running.learn(value)
    rows = _rows(frame, value, running)
    watch = None
    if watched:
        assert data.validation is not None
        later, after = sorted_rows(*data.validation)
        watch = Watch(_rows(later, after["value"].to_numpy(dtype=np.float64), running), data.report)
    booster = boost(
        rows,
        data.params,
        MOST_ROUNDS if watched else int(data.params.get("rounds", UNSEEN_ROUNDS)),
        seed=data.seed,
        watch=watch,
        objective="reg:absoluteerror",
        eval_metric="mae",
    )
    return Trees(running, booster, tuple(rows.names))


def _rows(frame: pd.DataFrame, value: Array, running: Running) -> TreeRows:
    own = own_features(frame)
    names = tuple(own.columns)
    return TreeRows(_values(own, names), names, value - running.of(own))


def _values(own: pd.DataFrame, names: tuple[str, ...]) -> Array:
    return np.asarray(own[list(names)].to_numpy(dtype=np.float64))


ESTIMATOR = XGBoost()
