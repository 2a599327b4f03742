"""Gradient-boosted trees with XGBoost as every estimator uses them: one thread, sorted rows, a seed, a file of its own format.

Sums in another order would be another model, so there is one thread, and the rows come sorted. Boosting runs until the loss on
later races has not fallen for a while, or for a number of rounds that an earlier fit settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.ml.estimators._estimator import Report

if TYPE_CHECKING:
    import xgboost as xgb

Array = npt.NDArray[np.float64]
THREADS = 1  # recorded with every recipe
PATIENCE = 40  # rounds without a better validation loss
SHAPE = ("eta", "max_depth", "min_child_weight", "reg_lambda", "subsample", "colsample_bytree")


@dataclass(frozen=True)
class TreeRows:
    """Rows that trees learn from or are watched on.

    Attributes:
        values: rows x features; NaN where a feature is not known, which trees learn where to send.
        names: of the features.
        target: one number per row.
        margin: what stands before the first tree, None for nothing.
        weight: of the rows, None for equal ones.
        heard: hears of the loss on these rows after each round, where they are learned from and no others look on.
    """

    values: Array
    names: Sequence[str]
    target: Array
    margin: Array | None = None
    weight: Array | None = None
    heard: Report | None = None

    def matrix(self) -> xgb.DMatrix:
        """Return the rows as the library reads them."""
        made = matrix_of(self.values, self.names, self.margin)
        made.set_label(self.target)
        if self.weight is not None:
            made.set_weight(self.weight)
        return made


@dataclass(frozen=True)
class Watch:
    """Later races that decide when to stop; `report` hears of each round and may raise to stop a hopeless trial."""

    rows: TreeRows
    report: Report | None = None


def known_values(frame: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return columns, rows x names, with nulls and infinities as NaN: trees learn where to send what is not known."""
    last = frame if len(frame.columns) == len(names) else frame.iloc[:, len(frame.columns) - len(names) :]
    chosen = (
        last if list(last.columns) == list(names) else frame[list(names)]
    )  # as a recipe puts them: quicker than by name
    values = chosen.to_numpy()
    if values.dtype != np.float64:
        values = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def boost(
    rows: TreeRows, params: Mapping[str, Any], rounds: int, *, seed: int, watch: Watch | None = None, **more: Any
) -> xgb.Booster:
    """Return trees grown one after the other, those after the best round cut off.

    Args:
        rows: what to learn from, sorted.
        params: with `SHAPE`; other keys are not read.
        rounds: how many trees, at most with a watch.
        seed: of the samples of rows and columns.
        watch: later races; None grows all rounds.
        more: settings of the library: `objective`, `eval_metric`, ...
    """
    import xgboost as xgb

    settings = {name: params[name] for name in SHAPE} | {
        "base_score": 0.0,
        "tree_method": "hist",
        "nthread": THREADS,
        "seed": seed,
        **more,
    }
    train = rows.matrix()
    evals, callbacks = [], []
    if watch is not None:
        evals = [(watch.rows.matrix(), "validation")]
        callbacks = [progress(watch.report), xgb.callback.EarlyStopping(rounds=PATIENCE, save_best=True)]
    elif rows.heard is not None:
        evals, callbacks = [(train, "train")], [progress(from_one(rows.heard))]
    return xgb.train(settings, train, num_boost_round=rounds, evals=evals, callbacks=callbacks, verbose_eval=False)


def margins(booster: xgb.Booster, values: Array, margin: Array | None = None) -> Array:
    """Return the sum of the trees per row, on top of a margin where one is given, before any link."""
    found = booster.inplace_predict(values, predict_type="margin", base_margin=margin)
    return np.asarray(found, dtype=np.float64)


def shapley(booster: xgb.Booster, values: Array, names: Sequence[str]) -> Array:
    """Return the exact Shapley values of the trees, rows x features, of classes rows x classes x features.

    With one base for all rows they sum to the margins.
    """
    found = booster.predict(matrix_of(values, names), pred_contribs=True)
    return np.asarray(found, dtype=np.float64)[..., :-1]


def matrix_of(values: Array, names: Sequence[str], margin: Array | None = None) -> xgb.DMatrix:
    """Return rows without a target as the library reads them."""
    import xgboost as xgb

    return xgb.DMatrix(values, base_margin=margin, feature_names=list(names), nthread=THREADS)


def save_booster(booster: xgb.Booster, path: Path) -> None:
    """Write trees as UBJ, which holds data alone."""
    booster.save_model(path)


def load_booster(path: Path) -> xgb.Booster:
    """Read what `save_booster` wrote."""
    import xgboost as xgb

    booster = xgb.Booster()
    booster.load_model(path)
    booster.set_param({"nthread": THREADS})
    return booster


def from_one(heard: Report) -> Report:
    """Return who hears of rounds that are counted from 0 by their number from 1."""
    return lambda step, value: heard(step + 1, value)


def progress(report: Report | None) -> Any:
    """Return a callback of the library that reports the newest loss of the only rows that are looked at."""
    import xgboost as xgb

    class Progress(xgb.callback.TrainingCallback):  # type: ignore[misc]  # xgboost is untyped
        """Tells the search how it goes."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if report is not None:
                ((history,),) = (metrics.values() for metrics in evals_log.values())
                report(epoch, float(history[-1]))
            return False

    return Progress()
