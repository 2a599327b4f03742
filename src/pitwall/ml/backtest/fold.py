"""One fit of a backtest: learn from everything before a season, predict the season. This is all that a worker sees.

A task carries the races before its season with their outcome, and the season's races without any: an estimator cannot
peek at what it is not handed. Early stopping and temperature are decided on the last seasons before the test season,
then the recipe is fitted again on all of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.domain.params import FoldParams
from pitwall.ml.estimators import FitInput
from pitwall.ml.evaluation.importance import permuted_frames
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.training.folds import within
from pitwall.ml.training.splits import EXPANDING, validation

WHOLE = ""  # the value of `permuted` for the forecasts that count


@dataclass(frozen=True)
class FoldTask:
    """What to fit and what to predict.

    Attributes:
        recipe: estimator, features, parameters, seed.
        role: as in predictions tables: model, contender or baseline.
        season: the season to predict.
        train: races before it, spine columns and the recipe's features.
        outcome: their outcome, aligned.
        test: the season's races, the same columns, no outcome.
        settle: how many seasons before the test season decide on stopping and temperature; 0 for a settled recipe.
        permuted: feature groups whose importance is asked for, with their columns.
        inner: which of the races before those last seasons are learned from while settling.
    """

    recipe: Recipe
    role: str
    season: int
    train: pd.DataFrame
    outcome: pd.DataFrame
    test: pd.DataFrame
    settle: int = 0
    permuted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inner: FoldParams = EXPANDING

    @property
    def label(self) -> str:
        """Return `estimator season`."""
        return f"{self.recipe.estimator} {self.season}"


@dataclass(frozen=True)
class FoldResult:
    """A predictions table with the column `permuted` (see `WHOLE`), and the seconds that it took."""

    predictions: pd.DataFrame
    seconds: float


def predict_fold(task: FoldTask) -> FoldResult:
    """Settle, fit and predict one season.

    Raises:
        AnswerError: the estimator gave what is no answer of its family.
    """
    started = time.perf_counter()
    recipe = settled(task)
    fitted, kind, family = recipe.fit(task.train, task.outcome), recipe.definition.kind, recipe.definition.answers
    frames = {WHOLE: task.test, **permuted_frames(task.test, task.permuted, recipe.seed)}
    tables = []
    for name, frame in frames.items():
        answer = fitted.answer(frame)
        family.check(answer, frame[BLOCK])
        tables.append(prediction_table(recipe.estimator, task.role, frame, answer, kind).assign(permuted=name))
    return FoldResult(stack(tables, family), time.perf_counter() - started)


def settled(task: FoldTask) -> Recipe:
    """Return the recipe with stopping and temperature decided on the last seasons before the test season."""
    seasons = sorted({int(season) for season in task.train["season"]})
    may_change = task.settle > 0 and getattr(task.recipe.plugin, "settles", True)
    later = validation(seasons, [task.season], task.settle) if may_change else []
    if not later:
        return task.recipe
    inside = task.train["season"].isin(later).to_numpy()
    before, after = (
        (task.train[rows].reset_index(drop=True), task.outcome[rows].reset_index(drop=True))
        for rows in (~inside, inside)
    )
    recipe = task.recipe
    rows = within(before, task.inner)
    fitted = recipe.plugin.fit(FitInput(*rows, recipe.params, recipe.seed, after, start=recipe.definition.start))
    return replace(recipe, params=fitted.params)
