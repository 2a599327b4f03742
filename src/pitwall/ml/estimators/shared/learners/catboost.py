"""CatBoost as a learner: symmetric trees, written as the library's own file without the hour at which they were grown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.ml.estimators._estimator import Params, Report
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.device import CPU, device_of, settled_device
from pitwall.ml.estimators.shared.learners.learner import Loss, rounds_of
from pitwall.ml.estimators.shared.trees import PATIENCE, THREADS, TreeRows, Watch

if TYPE_CHECKING:
    import catboost as cb

OBJECTIVES = {"log": "Logloss", "absolute": "MAE", "squared": "RMSE"}
SHAPE = ("learning_rate", "depth", "l2_leaf_reg", "subsample", "rsm")
NOT_ON_GPU = ("rsm",)
MOMENT = ("train_finish_time", "model_guid")  # of the file: when and which time, which no second fit could repeat


@dataclass(frozen=True)
class BoostedTrees:
    """The trees, and on which device they were grown."""

    trees: cb.CatBoost
    device: str = CPU

    @property
    def settled(self) -> Params:
        """The number of trees, and the device."""
        return {"rounds": int(self.trees.tree_count_), **settled_device(self.device)}

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return the sum of the trees on top of the margin."""
        found = self.trees.predict(values, prediction_type="RawFormulaVal", thread_count=THREADS)
        added = np.asarray(found, dtype=np.float64)
        return added if margin is None else margin + added

    def contributions(self, values: Array) -> Array:
        """Return the exact Shapley values of the trees."""
        import catboost as cb

        told = self.trees.get_feature_importance(cb.Pool(values), type="ShapValues", thread_count=THREADS)
        return np.asarray(told, dtype=np.float64)[:, :-1]

    def save(self, path: Path) -> None:
        """Write CBM."""
        self.trees.save_model(str(path), format="cbm")


@dataclass(frozen=True)
class CatBoost:
    """The learner: at most so many trees, a third of them where nothing says how many."""

    most: int
    file: str = "booster.cbm"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {
            "learning_rate": 0.1,
            "depth": 4,
            "l2_leaf_reg": 10.0,
            "subsample": 0.7,
            "rsm": 0.5,
            "rounds": 80,
        }
    )

    def learn(
        self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None
    ) -> BoostedTrees:
        """Boost until the loss of later races stops falling, or for the settled rounds."""
        import catboost as cb

        device = device_of(params)
        trees = cb.CatBoost(
            {
                **{name: params[name] for name in SHAPE if device == CPU or name not in NOT_ON_GPU},
                "loss_function": OBJECTIVES[loss],
                "iterations": rounds_of(params, watch, self.most, self.most // 3),
                "bootstrap_type": "Bernoulli",
                "boosting_type": "Plain",
                "allow_const_label": True,
                "ignored_features": _unknown(rows.values),
                "random_seed": seed,
                "thread_count": THREADS,
                "allow_writing_files": False,
                "logging_level": "Silent",
                "task_type": "CPU" if device == CPU else "GPU",
            }
        )
        told: dict[str, Any] = {}
        if watch is not None:
            told = {"eval_set": _pool(watch.rows), "early_stopping_rounds": PATIENCE, "use_best_model": True}
            if device == CPU:  # the library calls nobody back from a GPU
                told["callbacks"] = [_Progress(watch.report)]
        trees.fit(_pool(_varied(rows)), **told)
        if watch is None and rows.heard is not None:
            (losses,) = trees.get_evals_result()["learn"].values()
            for step, loss_then in enumerate(losses, 1):
                rows.heard(step, float(loss_then))
        for name in MOMENT:
            trees.get_metadata()[name] = ""
        return BoostedTrees(trees, device)

    def load(self, path: Path) -> BoostedTrees:
        """Read CBM."""
        import catboost as cb

        trees = cb.CatBoost()
        trees.load_model(str(path), format="cbm")
        return BoostedTrees(trees)


@dataclass(frozen=True)
class _Progress:
    """Tells the search how it goes."""

    report: Report | None

    def after_iteration(self, info: Any) -> bool:
        """Report the newest loss of later races; go on."""
        if self.report is not None:
            (history,) = info.metrics["validation"].values()
            self.report(info.iteration - 1, float(history[-1]))
        return True


def _pool(rows: TreeRows) -> Any:
    import catboost as cb

    return cb.Pool(rows.values, rows.target, baseline=rows.margin, weight=rows.weight)


def _unknown(values: Array) -> list[int]:
    """Return the columns that nobody knows anything of, which would only change what is drawn; none where that is all of them."""
    known = (~np.isnan(values)).any(axis=0)
    return [int(column) for column in np.flatnonzero(~known)] if known.any() else []


def _varied(rows: TreeRows) -> TreeRows:
    """Return the rows; where no column varies, which the library refuses, the first one tells a single row apart."""
    known = ~np.isnan(rows.values)
    values = np.where(known, rows.values, 0.0)
    if ((values != values[:1]) | (known != known[:1])).any():
        return rows
    values = rows.values.copy()
    values[0, 0] = 1.0 if not known[0, 0] else rows.values[0, 0] + 1.0
    return replace(rows, values=values)
