"""What a search returns: one recipe that any training can fit, the leaderboard, and the list of trials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pitwall.ml.automl.budget import Budget
from pitwall.ml.automl.candidates import Bench
from pitwall.ml.automl.choice import POOL, Choice, Chooser
from pitwall.ml.automl.leaderboard import CHOSEN_SO, Row, leaderboard
from pitwall.ml.automl.settings import Settings
from pitwall.ml.automl.trials import Trial, Tried, counts_of
from pitwall.ml.estimators.shared.blend import MEMBERS, member

if TYPE_CHECKING:
    from pitwall.ml.models.machinery.recipe import Recipe

FACT = "automl"  # of a recipe: how it was found, enough to find it again


@dataclass(frozen=True)
class AutoMLResult:
    """What was found.

    Attributes:
        recipe: of the chosen model: an estimator with settled parameters, or the estimator `blend` with its members. Its fact `automl`
            holds the settings, the seasons, and how many trials each estimator had.
        leaderboard: rows of `leaderboard.leaderboard`.
        trials: all candidates in the order in which they were tried.
        metric: that candidates were compared by.
        higher_is_better: which way it runs.
        baseline: the rule to beat.
        cpu_seconds: that the search took.
        budget: that it was given.
        stopped: why it ended.
        note: why it is no blend; empty where one was picked.
        left_out: {estimator: why it was no candidate}.
    """

    recipe: Recipe
    leaderboard: list[Row]
    trials: tuple[Trial, ...]
    metric: str
    higher_is_better: bool
    baseline: str
    cpu_seconds: float
    budget: float
    stopped: str
    note: str
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def algorithm(self) -> str:
        """The chosen estimator; of a blend its members with their weights."""
        if self.recipe.estimator != POOL:
            return self.recipe.estimator
        weights: dict[str, float] = {}
        for each in self.recipe.params[MEMBERS]:
            weights[each["estimator"]] = weights.get(each["estimator"], 0.0) + each["weight"]
        parts = sorted(weights.items(), key=lambda part: (-part[1], part[0]))
        return f"{POOL} of " + ", ".join(f"{name} {weight:.0%}" for name, weight in parts)

    @property
    def row(self) -> Row:
        """The leaderboard's row of what was chosen: judged on seasons that it was not chosen by, where there are some."""
        chosen = [row for row in self.leaderboard if row["chosen"]]
        return next((row for row in chosen if row["kind"] == CHOSEN_SO), chosen[0])

    @property
    def score(self) -> float:
        """The compared metric of what was chosen; see `row`."""
        return float(self.row["value"])

    @property
    def table(self) -> pd.DataFrame:
        """The leaderboard as a frame."""
        return pd.DataFrame(self.leaderboard)

    @property
    def counts(self) -> dict[str, int]:
        """How many trials each estimator had: what `replay` repeats."""
        return counts_of(self.trials)

    def course(self) -> list[tuple[float, float]]:
        """Return (CPU seconds, best value so far) after each candidate that answered."""
        better, best, points = (max if self.higher_is_better else min), None, []
        for trial in sorted(self.trials, key=lambda each: each.at):
            if trial.value is not None:
                best = trial.value if best is None else better(best, trial.value)
                points.append((trial.at, best))
        return points

    def payload(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "algorithm": self.algorithm,
            "metric": self.metric,
            "score": self.score,
            "baseline": self.baseline,
            "recipe": {**self.recipe.manifest(), "features": list(self.recipe.features), "facts": self.recipe.facts},
            "leaderboard": self.leaderboard,
            "trials": [trial.row() for trial in self.trials],
            "cpu_seconds": self.cpu_seconds,
            "budget": self.budget if math.isfinite(self.budget) else None,
            "stopped": self.stopped,
            "note": self.note,
            "left_out": self.left_out,
        }


def concluded(  # noqa: PLR0917  (one caller, which says all six in order)
    bench: Bench,
    settings: Settings,
    tried: Sequence[Tried],
    budget: Budget,
    why: str,
    too_costly: Mapping[str, str],
) -> AutoMLResult:
    """Return the result of what was tried.

    Args:
        bench: where it was.
        settings: of the search.
        tried: all of it, with at least one candidate that answered.
        budget: that was spent.
        why: the search ended.
        too_costly: estimators whose default did not fit into the budget, and why.
    """
    problem, trials = bench.problem, tuple(each.trial for each in tried)
    answered = [each for each in tried if each.answer is not None]
    choice = Chooser(bench.scores, answered).choose(ensemble=settings.ensemble)
    facts = {**settings.facts(), "counts": counts_of(trials), "seasons": list(problem.seasons)}
    recipe = recipe_of(bench, answered, choice)
    spent = budget.used  # the table is for people; what it takes is no part of the search
    return AutoMLResult(
        replace(recipe, facts={FACT: facts}),
        leaderboard(bench, answered, choice),
        trials,
        bench.scores.metric.name,
        bench.scores.metric.higher_is_better,
        problem.template.baseline_at(problem.stage),
        spent,
        budget.seconds,
        why,
        choice.note,
        problem.left_out() | dict(too_costly),
    )


def recipe_of(bench: Bench, tried: Sequence[Tried], choice: Choice) -> Recipe:
    """Return one recipe of the chosen candidates, over all features that any of them reads."""
    named = {each.trial.name: each.trial for each in tried}
    of = {name: bench.problem.recipe(named[name].estimator, named[name].settled, bench.seed) for name in choice.weights}
    if len(choice.weights) == 1:
        return next(iter(of.values()))
    members = [
        member(each.estimator, each.params, choice.weights[name], None if each.plugin.needs is None else each.features)
        for name, each in of.items()
    ]
    read = {name for recipe in of.values() for name in recipe.features}
    features = tuple(name for name in bench.problem.frame if name in read)
    return replace(next(iter(of.values())), estimator=POOL, features=features, params={MEMBERS: members})
