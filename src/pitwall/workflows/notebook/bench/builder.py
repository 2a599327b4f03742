"""`pw.ModelBuilder`: a question, data, an algorithm; what comes back is trained, judged on seasons it has not seen, and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.ml.templates import templates
from pitwall.workflows.bench.drafts import train_draft
from pitwall.workflows.bench.ordering import SEED, Asked, Learning, asked, settled
from pitwall.workflows.bench.rows import Given, given
from pitwall.workflows.bench.target import Ordered, Target, check_asked, check_task, own_target
from pitwall.workflows.notebook.bench.trained import TrainedModel
from pitwall.workflows.workspace import Workspace


class ModelBuilder:
    """Builds models of one question.

    Args:
        task: "classification" or "regression".
        target: the name of a template (`race_winner`, `dnf`, `lap_time`, ...); or a target of your own: a column of the data, a column
            of a table (`results.points`), a function of tables, or a table of labels by the key of the rows.
        baseline: the rule that models must beat, of a target of your own; that of the template else.
        name: of a target of your own; that of its function or column when empty.
        project: the one that we are in when None.
        workspace: its tools, where they are open already.

    Raises:
        UnknownName: there is no such task.
        UsageError: the template is a question of another task.

    Example:
        `ModelBuilder(task="classification", target="race_winner").train(data, algorithm="xgboost", auto_tune=True)`
    """

    def __init__(
        self,
        task: str,
        target: Target,
        *,
        baseline: str = "",
        name: str = "",
        project: Project | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        check_task(task, target)
        if baseline and isinstance(target, str) and target in templates():
            raise UsageError(
                f"{target} has its own baselines to beat; leave baseline out, or give a target of your own."
            )
        self.task, self.target = task, target
        self._baseline, self._name = baseline, name
        self._workspace = workspace or Workspace(project)

    def train(
        self,
        data: pd.DataFrame,
        algorithm: str = "xgboost",
        *,
        auto_tune: bool | int | Mapping[str, Any] = False,
        features: Sequence[str] | None = None,
        folds: object = None,
        window_seasons: int | None = None,
        embargo_races: int = 0,
        params: Mapping[str, Any] | None = None,
        seed: int = SEED,
    ) -> TrainedModel:
        """Train a model on rows of the project's feature store, judged walking forward over the newest of their seasons.

        Args:
            data: of `FeatureStore.get_features`, or a part of its rows.
            algorithm: an estimator of the question's family.
            auto_tune: search its parameters on seasons before the judged ones: True for as many trials as the project's models get, a
                number of trials, or settings as below `tuning` of params.yaml.
            features: columns to learn from; all of the data's when None.
            folds: how many of the newest seasons are judged, each by what was learned before it; or `expanding` or `rolling`.
            window_seasons: how many seasons `rolling` folds learn from.
            embargo_races: left out between what is learned from and what is scored.
            params: of the estimator, where they are to be others than its defaults; no search moves them.
            seed: of every random choice.

        Raises:
            ShuffledFolds: a shuffled K-fold was asked for, or a splitter of scikit-learn was given.
            UnknownName: there is no such algorithm, feature or parameter; offers the nearest one.
            UsageError: the data are not those of the store, or a setting is out of range.
            StageError: there is too little to learn from.
        """
        order = self.order(data, features)
        how = Learning(algorithm, auto_tune, folds, window_seasons, embargo_races, params or {}, seed)
        spec = settled(self._workspace, order, how)

        def again(newer: pd.DataFrame) -> TrainedModel:
            return self.train(
                newer,
                algorithm,
                auto_tune=auto_tune,
                features=spec.features,
                folds=folds,
                window_seasons=window_seasons,
                embargo_races=embargo_races,
                params=params,
                seed=seed,
            )

        return TrainedModel(train_draft(self._workspace, spec, order.files), self._workspace, again)

    def order(self, data: pd.DataFrame, features: Sequence[str] | None = None) -> Asked:
        """Return what is asked and on which rows, before an algorithm is named; see `train` for arguments and errors."""
        rows = given(self._workspace, data, self._label_columns(data))
        return asked(rows, self._ordered(rows), data.attrs.get("selection", {}), features)

    def _label_columns(self, data: pd.DataFrame) -> list[str]:
        known = isinstance(self.target, str) and self.target not in templates()
        return [str(self.target)] if known and isinstance(data, pd.DataFrame) and self.target in data.columns else []

    def _ordered(self, rows: Given) -> Ordered:
        if isinstance(self.target, str) and self.target in templates():
            check_asked(self.target, rows.kind, rows.stage)
            return Ordered(self.target)
        tables = load_tables(self._workspace.project.tables)
        about = {"kind": rows.kind, "tables": tables, "extra": rows.extra, "name": self._name}
        return own_target(self.task, self.target, self._baseline, **about)
