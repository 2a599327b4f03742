"""What is asked, and the folds on which candidates are compared: whole seasons, each forecast from the races before it.

The caller hands over rows that may be learned from. Held-out seasons are none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import FeatureError, StageError
from pitwall.domain.keys import WHEN
from pitwall.domain.params import FoldParams, GateParams
from pitwall.domain.tables import Tables
from pitwall.ml.estimators import Estimator, FitInput, Fitted, estimators
from pitwall.ml.estimators._estimator import Labelled, Params
from pitwall.ml.estimators.shared.sorting import last_races
from pitwall.ml.training.splits import EXPANDING, Fold, walk_forward
from pitwall.ml.training.walk_forward import default_recipe

if TYPE_CHECKING:
    from pitwall.ml.models import Model
    from pitwall.ml.models.machinery.recipe import Recipe
    from pitwall.ml.templates import Template

SETTLE = 0.15  # of the races before the first forecast season: they decide on stopping and slope


@dataclass(frozen=True)
class Problem:
    """One question to search for.

    Attributes:
        definition: the model that answers the question.
        template: the question.
        tables: of its labels.
        stage: at which it is asked.
        frame: rows of the model's kind with features, any order; none of a held-out season.
        outcome: of `training.splits.outcomes`, aligned.
        seasons: those that candidates forecast one after the other, in order.
        how: which of the races before a season are learned from.
        gates: draws and level of intervals.

    Raises:
        StageError: there is no season to forecast.
    """

    definition: Model
    template: Template
    tables: Tables
    stage: str
    frame: pd.DataFrame
    outcome: pd.DataFrame
    seasons: tuple[int, ...]
    how: FoldParams = EXPANDING
    gates: GateParams = field(default_factory=GateParams)

    def __post_init__(self) -> None:
        """Refuse a search without a season to compare candidates on, and bring rows into one order: draws of races go by it."""
        if not self.seasons:
            raise StageError("no season is left to compare candidates on; give at least two completed seasons.")
        keys = self.frame[[*WHEN, *self.definition.kind.key]].reset_index(drop=True)
        order = keys.sort_values(list(keys), kind="stable").index
        for name in ("frame", "outcome"):
            object.__setattr__(self, name, getattr(self, name).iloc[order].reset_index(drop=True))

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """One fold per season."""
        return tuple(walk_forward(self.template.model, self.frame, self.outcome, list(self.seasons), self.how))

    @cached_property
    def settling(self) -> tuple[Labelled, Labelled] | None:
        """The races before the first forecast season in two parts, the later ones to settle by; None where there are too few."""
        first = self.folds[0]
        late = last_races(first.train, SETTLE)
        if not late.any() or late.all():
            return None
        return _part(first, ~late), _part(first, late)

    @cached_property
    def plugins(self) -> dict[str, Estimator]:
        """The estimators that may be candidates: models that can read these rows, pools of others left out."""
        return {name: plugin for name, plugin in self._models().items() if self.lacking(name) is None}

    def left_out(self) -> dict[str, str]:
        """Return which models of the family are no candidates, and which baselines cannot be shown, and why."""
        names = [*self._models(), *self.template.baselines]
        return {name: why for name in names if (why := self.lacking(name)) is not None}

    def _models(self) -> dict[str, Estimator]:
        return {
            name: plugin
            for name, plugin in estimators(self.definition.family).items()
            if plugin.role == "model" and not getattr(plugin, "pools", False)
        }

    def lacking(self, name: str) -> str | None:
        """Return why an estimator cannot be asked here; None where it can."""
        try:
            self.recipe(name, {}, 0)
        except FeatureError as error:
            return str(error)
        return None

    def recipe(self, name: str, params: Params, seed: int) -> Recipe:
        """Return a recipe over the features that the estimator asks for.

        Args:
            name: of the estimator.
            params: its parameters.
            seed: of every random choice.

        Raises:
            FeatureError: the frame lacks a column that it names, or it answers the question of other models.
        """
        return replace(default_recipe(self.template.model, name, self.frame, seed, self.stage), params=params)

    def settled(self, recipe: Recipe, rows: int | None = None) -> Params:
        """Return the parameters of a recipe completed by what later races decide: rounds, slope.

        Args:
            recipe: with the parameters that were proposed.
            rows: learn from whole races with no more than about so many rows, to see what it costs; from all when None.
        """
        if rows is None and (self.settling is None or not getattr(recipe.plugin, "settles", True)):
            return recipe.params
        before, after = self.settling or ((self.folds[0].train, self.folds[0].outcome), None)
        early, known = before if rows is None else _few(before, rows)
        later = after and (recipe.select(after[0]), after[1])
        start = self.definition.start
        fitted = recipe.plugin.fit(
            FitInput(recipe.select(early), known, recipe.params, recipe.seed, later, None, start)
        )
        return dict(fitted.params)

    def said(self, recipe: Recipe, fold: Fold) -> pd.DataFrame:
        """Return what a recipe, fitted on the races before a fold, answers of its season; raise AnswerError for what is no answer."""
        fitted: Fitted = recipe.fit(fold.train, fold.outcome)
        answer = fitted.answer(recipe.select(fold.test))
        self.definition.answers.check(answer, fold.test["race_id"])
        return answer

    def joined(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        """Return answers of all folds as one table, one row per row of `rows`."""
        family = self.definition.answers
        table = pd.concat(parts, ignore_index=True)
        table = table[family.columns(table.columns)]
        return table if family.fill is None else table.fillna(family.fill)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows that are forecast, with what tells them apart; fold by fold."""
        columns = list(self.definition.kind.columns)
        return pd.concat([fold.test[columns] for fold in self.folds], ignore_index=True)


def _part(fold: Fold, which: object) -> Labelled:
    return fold.train[which].reset_index(drop=True), fold.outcome[which].reset_index(drop=True)


def _few(rows: Labelled, most: int) -> Labelled:
    """Return the first races, at least one, with no more than about so many rows."""
    frame, outcome = rows
    race = frame["race_id"]
    until = race.drop_duplicates().index[race.groupby(race, sort=False).size().cumsum().to_numpy() <= most]
    chosen = race.isin(race[until] if len(until) else race[:1])
    return frame[chosen].reset_index(drop=True), outcome[chosen].reset_index(drop=True)


def compared_seasons(completed: list[int], most: int) -> tuple[int, ...]:
    """Return the seasons that candidates are compared on: the last ones, at most half of those that may be learned from.

    Args:
        completed: seasons that may be learned from, in order.
        most: how many at most.
    """
    count = min(most, len(completed) // 2)
    return tuple(completed[len(completed) - count :])
