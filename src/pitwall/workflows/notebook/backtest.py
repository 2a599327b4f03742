"""`pw.backtest`: the backtest of the command line for notebooks, by the same functions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pitwall.domain.project import Project
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.training.folds import asked_folds
from pitwall.workflows import backtest as workflow
from pitwall.workflows.workspace import Workspace


def backtest(
    *templates: str,
    seasons: str | Sequence[int] | None = None,
    stages: Sequence[str] | None = None,
    estimators: Sequence[str] | None = None,
    folds: object = None,
    window_seasons: int | None = None,
    embargo_races: int = 0,
    workers: int | None = None,
    project: Project | None = None,
) -> pd.DataFrame:
    """Return one row per question, stage, model, metric and season: value, low and high of its interval, n races.

    Args:
        templates: questions of one model; all of the order without any.
        seasons: to score, `2015:2024` or a list; the held-out ones when None.
        stages: when it is asked; all that params.yaml trains the model at when None.
        estimators: only these beside ours and the baseline to beat; all when None.
        folds: `expanding` or `rolling`; as params.yaml says when None.
        window_seasons: how many seasons `rolling` folds learn from.
        embargo_races: left out between what is learned from and what is scored.
        workers: processes; 0 for none beside this, one per core when None.
        project: the one that we are in when None.

    Raises:
        ShuffledFolds: a shuffled K-fold was asked for, or a splitter of scikit-learn was given.
        UsageError: the questions are of several models, or not asked at a stage.
        StageError: a season cannot be scored, or frames are missing.

    Example:
        >>> import pitwall as pw
        >>> pw.backtest("race_winner", folds="kfold")
        Traceback (most recent call last):
        ...
        pitwall.domain.errors.ShuffledFolds: a shuffled K-fold is refused (found kfold): it learns from races after ...
    """
    forward = asked_folds(folds, window_seasons, embargo_races)
    years = parse_seasons(seasons) if isinstance(seasons, str) else seasons and sorted(seasons)
    with Workspace(project) as workspace:
        chosen = stages or workflow.stages(workspace, templates)
        plans = workflow.plans(workspace, chosen, list(years) if years else None, templates, estimators, folds=forward)
        return pd.DataFrame(workflow.run(workspace, plans, workers=workers).result["rows"])
