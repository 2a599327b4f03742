"""Scikit-learn's gradient boosting on histograms as a learner.

The library can stop early but not go back to the best round, and tells nobody how it goes. So it grows a few trees at a time, later
races say what they are worth, and the trees after the best round are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pitwall.ml.estimators._estimator import Params, Report
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.learner import Loss, loss_of, rounds_of
from pitwall.ml.estimators.shared.learners.nodes.arrays import joined
from pitwall.ml.estimators.shared.learners.nodes.scikit import (
    LearnedNodes,
    load_nodes,
    of_predictor,
    on_top,
    scored,
    target_of,
)
from pitwall.ml.estimators.shared.trees import PATIENCE, THREADS, TreeRows, Watch

EVERY = 20  # trees between two looks at later races


@dataclass(frozen=True)
class GradientBoosting:
    """The learner: at most so many trees, a third of them where nothing says how many."""

    most: int
    file: str = "trees.npz"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {
            "learning_rate": 0.1,
            "max_leaf_nodes": 12,
            "min_samples_leaf": 30,
            "l2_regularization": 5.0,
            "max_features": 0.5,
            "rounds": 80,
        }
    )

    def learn(
        self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None
    ) -> LearnedNodes:
        """Boost until the loss of later races stops falling, or for the settled rounds."""
        rounds = rounds_of(params, watch, self.most, self.most // 3)
        if watch is None:
            model = self.grow(rows, loss, params, seed=seed, rounds=rounds)
            if rows.heard is not None:
                _tell(model, rows, loss, rows.heard)
            return _nodes(model, rounds)
        best, at, model = float("inf"), EVERY, None
        for count in range(EVERY, rounds + 1, EVERY):
            model = self.grow(rows, loss, params, seed=seed, rounds=count, grown=model)
            now = loss_of(loss, watch.rows.target, scored(_nodes(model, count), watch.rows, loss))
            if watch.report is not None:
                watch.report(count, now)
            if now < best:
                best, at = now, count
            elif count - at >= PATIENCE:
                break
        return _nodes(model, at)

    def grow(self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, rounds: int, grown: Any = None) -> Any:
        """Return the model as scikit-learn holds it, grown further where it is given."""
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        model = grown or HistGradientBoostingRegressor(
            loss="absolute_error" if loss == "absolute" else "squared_error",
            learning_rate=float(params["learning_rate"]),
            max_leaf_nodes=int(params["max_leaf_nodes"]),
            min_samples_leaf=int(params["min_samples_leaf"]),
            l2_regularization=float(params["l2_regularization"]),
            max_features=float(params["max_features"]),
            early_stopping=False,
            warm_start=True,
            random_state=seed,
        )
        model.set_params(max_iter=rounds)
        with threadpool_limits(THREADS):
            return model.fit(_binnable(rows.values), target_of(rows, loss), rows.weight)

    def load(self, path: Path) -> LearnedNodes:
        """Read the arrays."""
        return load_nodes(path)


def _tell(model: Any, rows: TreeRows, loss: Loss, heard: Report) -> None:
    """Tell the loss on the training rows after each tree: the library answers for every stage in one go."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(THREADS):
        for step, added in enumerate(model.staged_predict(_binnable(rows.values)), 1):
            heard(step, loss_of(loss, rows.target, on_top(added, rows, loss)))


def _binnable(values: Array) -> Array:
    """Return the columns, those that nobody knows anything of as zeros: the library cannot make bins of nothing."""
    return np.where(np.isnan(values).all(axis=0), 0.0, values)


def _nodes(model: Any, rounds: int) -> LearnedNodes:
    """Return the first trees as arrays. The library has no public way to its nodes; a test holds both answers together."""
    trees = [of_predictor(tree.nodes) for (tree,) in model._predictors[:rounds]]
    base = float(model._baseline_prediction.ravel()[0])
    return LearnedNodes(joined(trees, base=base, share=1.0, single=False), {"rounds": len(trees)})
