"""LightGBM as a learner: trees that grow by leaf, on histograms, written as the library's text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.ml.estimators._estimator import Params, Report
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.device import CPU, device_of, settled_device
from pitwall.ml.estimators.shared.learners.learner import Loss, rounds_of
from pitwall.ml.estimators.shared.trees import PATIENCE, THREADS, TreeRows, Watch, from_one

if TYPE_CHECKING:
    import lightgbm as lgb

OBJECTIVES = {"log": "binary", "absolute": "l1", "squared": "l2"}
METRICS = {"log": "binary_logloss", "absolute": "l1", "squared": "l2"}
SHAPE = ("learning_rate", "num_leaves", "min_data_in_leaf", "lambda_l2", "bagging_fraction", "feature_fraction")
QUIET = {"verbosity": -1, "num_threads": THREADS}


@dataclass(frozen=True)
class BoostedTrees:
    """The trees as text, which is the state, and as the library holds them; `settled` has the rounds, and the device."""

    text: str
    trees: lgb.Booster
    settled: Params

    @classmethod
    def read(cls, text: str, settled: Params) -> BoostedTrees:
        """Return the trees of a text."""
        import lightgbm as lgb

        return cls(text, lgb.Booster(model_str=text), settled)

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return the sum of the trees on top of the margin."""
        added = np.asarray(self.trees.predict(values, raw_score=True, num_threads=THREADS), dtype=np.float64)
        return added if margin is None else margin + added

    def contributions(self, values: Array) -> Array:
        """Return the exact Shapley values of the trees."""
        told = self.trees.predict(values, pred_contrib=True, num_threads=THREADS)
        return np.asarray(told, dtype=np.float64)[:, :-1]

    def save(self, path: Path) -> None:
        """Write the text."""
        path.write_text(self.text, encoding="utf-8")


@dataclass(frozen=True)
class LightGBM:
    """The learner: at most so many trees, a third of them where nothing says how many."""

    most: int
    file: str = "booster.txt"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {
            "learning_rate": 0.1,
            "num_leaves": 12,
            "min_data_in_leaf": 30,
            "lambda_l2": 5.0,
            "bagging_fraction": 0.7,
            "feature_fraction": 0.5,
            "rounds": 80,
        }
    )

    def learn(
        self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None
    ) -> BoostedTrees:
        """Boost until the loss of later races stops falling, or for the settled rounds."""
        # Without a margin the trees start from the mean or the median, which the first of them carries.
        start = {"boost_from_average": rows.margin is None}
        device = device_of(params)
        return grow(
            rows,
            {**params, "objective": OBJECTIVES[loss], "metric": METRICS[loss], **start},
            rounds_of(params, watch, self.most, self.most // 3),
            seed=seed,
            watch=watch,
            device=device,
        )

    def load(self, path: Path) -> BoostedTrees:
        """Read the text."""
        return BoostedTrees.read(path.read_text(encoding="utf-8"), {})


def grow(
    rows: TreeRows,
    params: Params,
    rounds: int,
    *,
    seed: int,
    watch: Watch | None,
    device: str = CPU,
    groups: tuple[Any, Any] = (None, None),
    keys: tuple[str, ...] = (),
) -> BoostedTrees:
    """Return trees, those after the best round cut off.

    Args:
        rows: what to learn from, sorted.
        params: with `SHAPE`, objective and metric; other keys are not read but for `keys`.
        rounds: how many trees, at most with a watch.
        seed: of the samples of rows and columns.
        watch: later races; None grows all rounds.
        device: where to.
        groups: sizes of the races of both, for an objective that compares the rows of a race.
        keys: more settings of the library among the parameters.
    """
    import lightgbm as lgb

    named = (*SHAPE, "objective", "metric", "boost_from_average", *keys)
    settings = {
        **{name: params[name] for name in named if name in params},
        **QUIET,
        "bagging_freq": 1,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "seed": seed,
        **({} if device == CPU else {"device_type": device}),
    }
    train = _dataset(rows, settings, groups[0])
    told: dict[str, Any] = {}
    progress = _Progress(None if watch is None else watch.report)
    if watch is not None:
        callbacks = [progress, lgb.early_stopping(PATIENCE, verbose=False)]
        told = {"valid_sets": [_dataset(watch.rows, settings, groups[1], train)], "callbacks": callbacks}
    elif rows.heard is not None:
        told = {"valid_sets": [train], "callbacks": [_Progress(from_one(rows.heard))]}
    trees = lgb.train(settings, train, num_boost_round=rounds, **told)
    best = rounds if watch is None else trees.best_iteration
    text = trees.model_to_string(num_iteration=progress.trees.get(best))
    return BoostedTrees.read(text, {"rounds": best, **settled_device(device)})


def _dataset(rows: TreeRows, settings: Params, group: Any, like: Any = None) -> Any:
    import lightgbm as lgb

    return lgb.Dataset(
        rows.values,
        rows.target,
        weight=rows.weight,
        init_score=rows.margin,
        group=group,
        params=settings,
        reference=like,
    )


@dataclass(frozen=True, eq=False)  # the library keeps callbacks in a set
class _Progress:
    """Tells the search how it goes, and counts the trees after each round: one that finds no split leaves none behind."""

    report: Report | None
    trees: dict[int, int] = field(default_factory=dict)

    def __call__(self, env: Any) -> None:
        """Note the round that has just ended."""
        self.trees[env.iteration + 1] = env.model.num_trees()
        if self.report is not None:
            self.report(env.iteration, float(env.evaluation_result_list[0][2]))
