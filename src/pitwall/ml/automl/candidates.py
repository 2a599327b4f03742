"""Try one candidate: settle it once on races before all that is forecast, then forecast season after season."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from pitwall.ml.automl.budget import Budget, BudgetSpent, cpu_seconds
from pitwall.ml.automl.problem import Problem
from pitwall.ml.automl.scores import Scores
from pitwall.ml.automl.trials import Trial, Tried

if TYPE_CHECKING:
    from pitwall.ml.models.machinery.recipe import Recipe

log = logging.getLogger(__name__)
T = TypeVar("T")
ROWS, LONG = 400, 0.3  # of a fit that says who is cheap; CPU seconds


@dataclass(frozen=True)
class Started:
    """A candidate that is settled, but has not forecast yet; without a recipe where settling failed."""

    trial: Trial
    recipe: Recipe | None


@dataclass(frozen=True)
class Bench:
    """Where candidates are tried."""

    problem: Problem
    scores: Scores
    seed: int

    def cheapest_first(self, names: Sequence[str]) -> list[str]:
        """Return estimators by the CPU seconds of a fit to a few rows, stopped as usual; a long one is timed again, as it may have loaded a library."""
        spent = {}
        for name in names:
            recipe = self.problem.recipe(name, self.problem.plugins[name].default(), self.seed)
            probe = partial(self.problem.settled, recipe, ROWS)
            spent[name] = _seconds(probe)
            if spent[name] > LONG:
                spent[name] = _seconds(probe)
        return sorted(names, key=lambda name: (spent[name], name))

    def started(self, blank: Trial) -> Started:
        """Return a candidate with what later races settle of it, and the CPU seconds that this took."""
        start = cpu_seconds()
        recipe = self.problem.recipe(blank.estimator, blank.params, self.seed)
        settled, reason = _result(lambda: self.problem.settled(recipe))
        trial = replace(blank, seconds=cpu_seconds() - start, reason=reason)
        return Started(trial, None if settled is None else replace(recipe, params=settled))

    def costs(self, started: Started) -> float:
        """Return about how many CPU seconds the forecasts of a settled candidate will take: a fit per season."""
        return started.trial.seconds * len(self.problem.folds)

    def finished(self, started: Started, budget: Budget) -> Tried:
        """Return a candidate with its forecasts and what they cost; another library's error makes it a failed one.

        Args:
            started: the candidate.
            budget: looked at before every fit.

        Raises:
            BudgetSpent: it ran out before the candidate was done.
        """
        recipe, trial, start = started.recipe, started.trial, cpu_seconds()
        if recipe is None:
            return Tried(replace(trial, state="FAILED", at=budget.used))
        answer, reason = _result(lambda: self._said(recipe, budget))
        if answer is None:
            seconds = trial.seconds + cpu_seconds() - start
            return Tried(replace(trial, state="FAILED", reason=reason, seconds=seconds, at=budget.used))
        part = self.scores.part(answer)
        cost, value, losses = self.scores.cost(part), self.scores.value(part), self.scores.losses(part)
        done = replace(trial, settled=recipe.params, value=value, loss=float(losses.mean()))
        done = replace(done, seconds=trial.seconds + cpu_seconds() - start, at=budget.used)
        return Tried(done, answer, cost, losses)

    def _said(self, recipe: Recipe, budget: Budget) -> pd.DataFrame:
        parts = []
        for fold in self.problem.folds:
            budget.check()
            parts.append(self.problem.said(recipe, fold))
        return self.problem.joined(parts)


def _seconds(work: Callable[[], object]) -> float:
    start = cpu_seconds()
    _result(work)
    return cpu_seconds() - start


def _result(work: Callable[[], T]) -> tuple[T | None, str]:
    """Return what some work gives, or why it failed."""
    try:
        return work(), ""
    except (BudgetSpent, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (any library may be behind an estimator: one that fails ends no search)
        log.info("a candidate failed: %s", error)
        return None, f"{type(error).__name__}: {error}"
