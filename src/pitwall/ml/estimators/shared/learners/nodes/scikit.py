"""Trees of scikit-learn as learners: what they share, whichever way they are grown.

Neither of scikit-learn's two ways takes a margin to start from. So an event is learned as what the label leaves of the chance that
the margin says, by squared error, and the score is the log odds of both together: a car's answer still starts from the rate
that moves with the years.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.calibration import Array, chances, log_odds
from pitwall.ml.estimators.shared.learners.learner import Loss
from pitwall.ml.estimators.shared.learners.nodes.arrays import Grown, NodeTrees
from pitwall.ml.estimators.shared.trees import TreeRows

EDGE = 0.005  # a chance is said to be no nearer to 0 or 1: leaves of a few rows know no more
FAR = 6.0  # usual sizes of what a line leaves; what lies further off counts as this far, or single rows would bend the means


@dataclass(frozen=True)
class LearnedNodes:
    """The trees; `settled` is what later races decided."""

    nodes: NodeTrees
    settled: Params

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return log odds on top of those of the margin, else what the trees say."""
        return _topped(self.nodes.sums(values), margin)

    def save(self, path: Path) -> None:
        """Write an .npz of arrays."""
        self.nodes.save(path)


def load_nodes(path: Path) -> LearnedNodes:
    """Read what was saved."""
    return LearnedNodes(NodeTrees.load(path), {})


def target_of(rows: TreeRows, loss: Loss) -> Array:
    """Return what the trees learn: the number, or what the label leaves of its margin."""
    return rows.target - chances(_margin(rows)) if loss == "log" else rows.target


def held(target: Array) -> Array:
    """Return numbers without absurd ones, for trees that make squared errors small where absolute ones count."""
    middle = np.median(target)
    usual = float(np.median(np.abs(target - middle))) or float(target.std()) or 1.0
    return np.asarray(np.clip(target, middle - FAR * usual, middle + FAR * usual))


def scored(learned: LearnedNodes, rows: TreeRows, loss: Loss) -> Array:
    """Return the scores of rows whose target is known."""
    return learned.scores(rows.values, _margin(rows) if loss == "log" else None)


def on_top(added: Array, rows: TreeRows, loss: Loss) -> Array:
    """Return the scores of rows of which the trees' own part is known."""
    return _topped(added, _margin(rows) if loss == "log" else None)


def _topped(added: Array, margin: Array | None) -> Array:
    if margin is None:
        return added
    return log_odds(np.clip(chances(margin) + added, EDGE, 1.0 - EDGE))


def _margin(rows: TreeRows) -> Array:
    return np.zeros(len(rows.target)) if rows.margin is None else rows.margin


def of_decision_tree(tree: Any) -> Grown:
    """Return the nodes of a `sklearn.tree` tree (its `tree_`)."""
    return Grown(
        feature=tree.feature.astype(np.int32),
        threshold=tree.threshold.astype(np.float64),
        left=tree.children_left.astype(np.int32),
        right=tree.children_right.astype(np.int32),
        null_left=tree.missing_go_to_left.astype(bool),
        value=tree.value[:, 0, 0].astype(np.float64),
        leaf=tree.children_left < 0,
        depth=int(tree.max_depth),
    )


def of_predictor(nodes: Any) -> Grown:
    """Return the nodes of a tree of `sklearn.ensemble`'s histogram boosting (the array `nodes` of its predictor)."""
    return Grown(
        feature=nodes["feature_idx"].astype(np.int32),
        threshold=nodes["num_threshold"].astype(np.float64),
        left=nodes["left"].astype(np.int32),
        right=nodes["right"].astype(np.int32),
        null_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"].astype(np.float64),
        leaf=nodes["is_leaf"].astype(bool),
        depth=int(nodes["depth"].max()),
    )
