"""A random forest as a learner: many deep trees, each on a sample of the rows, and their mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.learners.learner import Loss, loss_of
from pitwall.ml.estimators.shared.learners.nodes.arrays import joined
from pitwall.ml.estimators.shared.learners.nodes.scikit import (
    LearnedNodes,
    held,
    load_nodes,
    of_decision_tree,
    scored,
    target_of,
)
from pitwall.ml.estimators.shared.trees import THREADS, TreeRows, Watch

FEWEST = 2  # rows of a leaf, however few there are to learn from


@dataclass(frozen=True)
class RandomForest:
    """The learner. More trees never overfit, so nothing is stopped early and later races settle nothing."""

    file: str = "forest.npz"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {"trees": 40, "min_samples_leaf": 30, "max_features": 0.5, "max_samples": 0.5}
    )

    def learn(
        self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None
    ) -> LearnedNodes:
        """Grow the trees; later rows measure the loss."""
        forest = self.grow(rows, loss, params, seed)
        trees = [of_decision_tree(each.tree_) for each in forest.estimators_]
        learned = LearnedNodes(joined(trees, base=0.0, share=1.0 / len(trees), single=True), {})
        if watch is not None and watch.report is not None:
            watch.report(0, loss_of(loss, watch.rows.target, scored(learned, watch.rows, loss)))
        return learned

    def grow(self, rows: TreeRows, loss: Loss, params: Params, seed: int) -> Any:
        """Return the forest as scikit-learn holds it."""
        from sklearn.ensemble import RandomForestRegressor

        target = target_of(rows, loss)
        forest = RandomForestRegressor(
            int(params["trees"]),
            min_samples_leaf=max(FEWEST, int(params["min_samples_leaf"])),
            max_features=float(params["max_features"]),
            max_samples=float(params["max_samples"]),
            random_state=seed,
            n_jobs=THREADS,
        )
        return forest.fit(rows.values, held(target) if loss == "absolute" else target, rows.weight)

    def load(self, path: Path) -> LearnedNodes:
        """Read the arrays."""
        return load_nodes(path)
