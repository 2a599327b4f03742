"""What a search ends with: the best candidate, or a blend of several picked on the forecast seasons, whichever proved better.

Both are judged as they would have been chosen: for each forecast season but the first, the best candidate and the blend of the seasons before
it. So neither is scored on what it was chosen by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.automl.problem import Problem
from pitwall.ml.automl.scores import Scores
from pitwall.ml.automl.trials import Tried
from pitwall.ml.estimators import estimators
from pitwall.ml.estimators.shared.selection import selected

LIBRARY = 8  # candidates that a blend may pick from: the best of each estimator first
SINGLE, BLEND = "the best candidate", "a blend"
POOL = "blend"  # the estimator


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        weights: of candidates, summing to one; a single one where no blend was chosen.
        nested: {way of choosing: what it answered of all forecast seasons but the first}.
        seasons: those seasons.
        note: why a blend was chosen, or was not.
    """

    weights: dict[str, float]
    nested: dict[str, pd.DataFrame]
    seasons: tuple[int, ...]
    note: str

    @property
    def way(self) -> str:
        """How the chosen one was chosen."""
        return SINGLE if len(self.weights) == 1 else BLEND


def choose(problem: Problem, scores: Scores, tried: Sequence[Tried], *, ensemble: bool, picks: int) -> Choice:
    """Return the best candidate or a blend.

    Args:
        problem: the question.
        scores: of all forecast seasons.
        tried: candidates that answered.
        ensemble: a blend may be chosen.
        picks: how often a member is picked.
    """
    single = {min(tried, key=lambda each: each.rank).trial.name: 1.0}
    if not ensemble:
        return Choice(single, {}, (), "no blend was asked for")
    if POOL not in estimators(problem.definition.family):
        return Choice(single, {}, (), f"the family {problem.definition.family} has no estimator `{POOL}`")
    if len(problem.seasons) < 2:
        return Choice(single, {}, (), "a blend needs two forecast seasons, one to pick on and one to be judged by")
    nested, later = _nested(problem, scores, tried, picks), problem.seasons[1:]
    judged = scores.within(later)
    cost = {way: judged.cost(answer) for way, answer in nested.items()}
    blend = _picked(scores, tried, problem.seasons, picks)
    better = cost[BLEND] < cost[SINGLE] and len(blend) > 1
    said = f"chosen on earlier seasons, a blend was {'better' if better else 'no better'} than the best candidate"
    return Choice(blend if better else single, nested, later, said)


def _nested(problem: Problem, scores: Scores, tried: Sequence[Tried], picks: int) -> dict[str, pd.DataFrame]:
    """Return what each way of choosing would have answered of every season but the first, chosen on the seasons before."""
    parts: dict[str, list[pd.DataFrame]] = {SINGLE: [], BLEND: []}
    for number, season in enumerate(problem.seasons[1:], start=1):
        earlier, now = problem.seasons[:number], scores.within([season])
        best = _best(scores, tried, earlier)
        parts[SINGLE].append(now.part(_of(best)))
        weights = _picked(scores, tried, earlier, picks)
        parts[BLEND].append(mean_of(weights, {each.trial.name: now.part(_of(each)) for each in tried}))
    return {way: pd.concat(answers, ignore_index=True) for way, answers in parts.items()}


def _best(scores: Scores, tried: Sequence[Tried], seasons: Sequence[int]) -> Tried:
    """Return the candidate with the best metric in some seasons."""
    if scores.metric == scores.criterion:
        return min(tried, key=lambda each: (_lost(scores, each, seasons), each.trial.name))
    some = scores.within(seasons)
    return min(tried, key=lambda each: (some.cost(some.part(_of(each))), _lost(scores, each, seasons), each.trial.name))


def _picked(scores: Scores, tried: Sequence[Tried], seasons: Sequence[int], picks: int) -> dict[str, float]:
    """Return the weights of candidates that the greedy picking by the criterion in some seasons ends with."""
    by_loss = sorted(tried, key=lambda each: (_lost(scores, each, seasons), each.trial.name))
    first = {each.trial.estimator: each for each in reversed(by_loss)}
    leading = [each for each in by_loss if first[each.trial.estimator] is each]
    library = [*leading, *(each for each in by_loss if first[each.trial.estimator] is not each)][:LIBRARY]
    some = scores.within(seasons)
    return selected({each.trial.name: some.part(_of(each)) for each in library}, some.loss, picks)


def _lost(scores: Scores, each: Tried, seasons: Sequence[int]) -> float:
    return float(each.losses[np.isin(scores.race_seasons, list(seasons))].mean())


def mean_of(weights: dict[str, float], answers: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the weighted mean of answers."""
    parts = [weight * answers[name] for name, weight in weights.items()]
    return sum(parts[1:], parts[0])


def _of(each: Tried) -> pd.DataFrame:
    assert each.answer is not None
    return each.answer
