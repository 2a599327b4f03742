"""XGBoost as a learner."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.device import CPU, device_of, none_found, settled_device
from pitwall.ml.estimators.shared.learners.learner import Loss, rounds_of
from pitwall.ml.estimators.shared.trees import (
    TreeRows,
    Watch,
    boost,
    load_booster,
    margins,
    save_booster,
    shapley,
)

if TYPE_CHECKING:
    import xgboost as xgb

OBJECTIVES = {"log": "binary:logistic", "absolute": "reg:absoluteerror", "squared": "reg:squarederror"}
METRICS = {"log": "logloss", "absolute": "mae", "squared": "rmse"}


@dataclass(frozen=True)
class BoostedTrees:
    """Trees and on which device they were grown."""

    trees: xgb.Booster
    device: str = CPU

    @property
    def settled(self) -> Params:
        """The number of trees, and the device."""
        return {"rounds": self.trees.num_boosted_rounds(), **settled_device(self.device)}

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return the sum of the trees on top of the margin."""
        return margins(self.trees, values, margin)

    def contributions(self, values: Array) -> Array:
        """Return the exact Shapley values of the trees."""
        return shapley(self.trees, values, self.trees.feature_names or [])

    def save(self, path: Path) -> None:
        """Write UBJ."""
        save_booster(self.trees, path)


@dataclass(frozen=True)
class XGBoost:
    """The learner.

    Attributes:
        most: trees, where nothing says how many.
        bins: of a feature's values, None for the library's 256: splits finer than 64 cost time and find nothing in laps.
    """

    most: int
    bins: int | None = None
    file: str = "booster.ubj"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {
            "eta": 0.1,
            "max_depth": 4,
            "min_child_weight": 30.0,
            "reg_lambda": 5.0,
            "subsample": 0.7,
            "colsample_bytree": 0.5,
            "rounds": 80,
        }
    )

    def learn(
        self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None
    ) -> BoostedTrees:
        """Boost until the loss of later races stops falling, or for the settled rounds."""
        device = device_of(params)
        more: dict[str, Any] = {"objective": OBJECTIVES[loss], "eval_metric": METRICS[loss]}
        if loss != "absolute":
            more["base_score"] = 0.5 if loss == "log" else float(rows.target.mean())
        if self.bins is not None:
            more["max_bin"] = self.bins
        if device != CPU:
            _insist_on(device)
            more["device"] = device
        rounds = rounds_of(params, watch, self.most, self.most)
        return BoostedTrees(boost(rows, params, rounds, seed=seed, watch=watch, **more), device)

    def load(self, path: Path) -> BoostedTrees:
        """Read UBJ."""
        return BoostedTrees(load_booster(path))


def _insist_on(device: str) -> None:
    """Raise where the library would go back to the processor with no more than a warning, and the recipe would say otherwise."""
    import xgboost as xgb

    tried = xgb.train({"device": device}, xgb.DMatrix(np.eye(2), np.arange(2.0)), num_boost_round=1)
    if not json.loads(tried.save_config())["learner"]["generic_param"]["device"].startswith(device):
        raise none_found("XGBoost")
