"""Try one candidate: settle it once on races before all that is forecast, then forecast season after season."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import pandas as pd

from pitwall.ml.automl.budget import Budget, BudgetSpent, cpu_seconds
from pitwall.ml.automl.problem import Problem
from pitwall.ml.automl.scores import Scores
from pitwall.ml.automl.trials import Trial, Tried
from pitwall.ml.estimators._estimator import FitInput, Params

log = logging.getLogger(__name__)
PROBE = 4  # races of the fit that says which estimators are cheap
FOR_PROBES = 0.2  # of the budget


@dataclass(frozen=True)
class Bench:
    """Where candidates are tried."""

    problem: Problem
    scores: Scores
    seed: int

    def tried(self, blank: Trial, budget: Budget) -> Tried:
        """Return a trial with what it answered and cost; another library's error makes it a failed one.

        Args:
            blank: number, estimator and parameters.
            budget: looked at before every fit.

        Raises:
            BudgetSpent: it ran out before the candidate was done.
        """
        start = cpu_seconds()
        try:
            settled, answer = self._answers(blank, budget)
            part = self.scores.part(answer)
            cost, value, losses = self.scores.cost(part), self.scores.value(part), self.scores.losses(part)
        except (BudgetSpent, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  (any library may be behind an estimator: one that fails ends no search)
            log.info("%s failed: %s", blank.name, error)
            reason = f"{type(error).__name__}: {error}"
            return Tried(
                replace(blank, state="FAILED", reason=reason, seconds=cpu_seconds() - start, at=budget.used), None
            )
        done = replace(blank, settled=settled, value=value, loss=float(losses.mean()))
        return Tried(replace(done, seconds=cpu_seconds() - start, at=budget.used), answer, cost, losses)

    def _answers(self, blank: Trial, budget: Budget) -> tuple[Params, pd.DataFrame]:
        recipe = self.problem.recipe(blank.estimator, blank.params, self.seed)
        recipe = replace(recipe, params=self.problem.settled(recipe))
        parts = []
        for fold in self.problem.folds:
            budget.check()
            parts.append(self.problem.said(recipe, fold))
        return recipe.params, self.problem.joined(parts)

    def cheapest_first(self, names: list[str], budget: Budget) -> list[str]:
        """Return estimators by the CPU seconds of a fit to a few races, the cheapest first.

        Those that fail at it, and those that are left when a share of the budget is spent on it, come last.
        """
        fold = self.problem.folds[0]
        few = fold.train["race_id"].isin(fold.train["race_id"].drop_duplicates().iloc[-PROBE:])
        frame, outcome = fold.train[few].reset_index(drop=True), fold.outcome[few].reset_index(drop=True)
        spent = dict.fromkeys(names, float("inf"))
        for name in names:
            if budget.used < FOR_PROBES * budget.seconds:
                spent[name] = self._probe(name, frame, outcome)
        return sorted(names, key=lambda name: (spent[name], name))

    def _probe(self, name: str, frame: pd.DataFrame, outcome: pd.DataFrame) -> float:
        recipe = self.problem.recipe(name, self.problem.plugins[name].default(), self.seed)
        rows = recipe.select(frame)
        seconds = float("inf")
        for _ in range(2):  # the first one may load a library
            start = cpu_seconds()
            try:
                recipe.plugin.fit(
                    FitInput(rows, outcome, recipe.params, self.seed, start=self.problem.definition.start)
                )
            except Exception:  # noqa: BLE001  (its default configuration is tried in earnest later, and fails there with its reason)
                return float("inf")
            seconds = min(seconds, cpu_seconds() - start)
        return seconds
