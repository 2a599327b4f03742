"""What a search ends with: a blend of candidates picked by their forecasts, or the best candidate alone.

A few dozen races make the pick of any one candidate, and of any one set of members, a matter of luck. So members are picked once for each of
several draws of the races, and what a member counts is the mean over these (Caruana and others 2006). How good the choice is, is told by
seasons that it was not made on: for each but the first, what would have been chosen on those before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from pitwall.ml.automl.scores import Scores
from pitwall.ml.automl.trials import Tried
from pitwall.ml.estimators import estimators
from pitwall.ml.estimators.shared.selection import greedy
from pitwall.ml.evaluation.bootstrap import race_weights

LIBRARY = 8  # candidates that a blend may pick from: the best of each estimator first
BAGS, PICKS = 12, 8
SINGLE, BLEND = "the best candidate", "a blend"
POOL = "blend"  # the estimator


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        weights: of candidates, summing to one; a single one where no blend was asked for.
        nested: {way of choosing: what it answered of `seasons`, each chosen on the seasons before it}.
        seasons: all that are forecast but the first.
        note: why it is no blend; empty where it is one.
    """

    weights: dict[str, float]
    nested: dict[str, pd.DataFrame]
    seasons: tuple[int, ...]
    note: str = ""

    @property
    def way(self) -> str:
        """How it was chosen."""
        return SINGLE if self.note else BLEND


@dataclass
class Chooser:
    """Chooses among candidates.

    Attributes:
        scores: of all forecast seasons.
        tried: candidates that answered.
        known: losses by race of means that were asked for before, by their members.
    """

    scores: Scores
    tried: Sequence[Tried]
    known: dict[tuple[tuple[str, int], ...], np.ndarray] = field(default_factory=dict)

    def choose(self, *, ensemble: bool) -> Choice:
        """Return a blend where one was asked for and can be, else the best candidate; with what either would have answered before."""
        seasons = self.scores.problem.seasons
        note = self._no_blend() if ensemble else "no blend was asked for"
        weights = {self._best(seasons): 1.0} if note else self._blend(seasons)
        ways = (SINGLE,) if note else (SINGLE, BLEND)
        return Choice(weights, {way: self._nested(way) for way in ways if len(seasons) > 1}, seasons[1:], note)

    def _no_blend(self) -> str:
        family = self.scores.problem.definition.family
        return "" if POOL in estimators(family) else f"the family {family} has no estimator `{POOL}`"

    def _nested(self, way: str) -> pd.DataFrame:
        """Return what a way of choosing would have answered of every season but the first."""
        seasons, parts = self.scores.problem.seasons, []
        for number, season in enumerate(seasons[1:], start=1):
            now = self.scores.within([season])
            weights = {self._best(seasons[:number]): 1.0} if way == SINGLE else self._blend(seasons[:number])
            answers = {each.trial.name: now.part(_of(each)) for each in self.tried if each.trial.name in weights}
            parts.append(mean_of(weights, answers))
        return pd.concat(parts, ignore_index=True)

    def _best(self, seasons: Sequence[int]) -> str:
        """Return the candidate with the best metric in some seasons, then the best criterion."""
        some = self.scores.within(seasons)

        def rank(each: Tried) -> tuple[float, float, str]:
            lost = self._lost(each, seasons)
            plain = self.scores.metric == self.scores.criterion
            return lost if plain else some.cost(some.part(_of(each))), lost, each.trial.name

        return min(self.tried, key=rank).trial.name

    def _blend(self, seasons: Sequence[int]) -> dict[str, float]:
        """Return the mean weights of members over draws of the races of some seasons."""
        races, total = self._races(seasons), dict[str, float]()
        names = sorted(each.trial.name for each in self.library(seasons))
        for draw in race_weights(int(races.sum()), BAGS):
            for name, share in self._picked(names, races, draw).items():
                total[name] = total.get(name, 0.0) + share / BAGS
        return dict(sorted(total.items()))

    def _picked(self, names: Sequence[str], races: np.ndarray, draw: np.ndarray) -> dict[str, float]:
        """Return the weights of members that are picked by one draw of the races."""

        def lost(so_far: Sequence[str], name: str) -> float:
            return float(self._mean_losses([*so_far, name])[races] @ draw)

        picked = greedy(names, lost, PICKS)
        return {name: count / len(picked) for name, count in Counter(picked).items()}

    def library(self, seasons: Sequence[int]) -> list[Tried]:
        """Return whom a blend may pick from: the best of each estimator in some seasons, then the best of the others."""
        by_loss = sorted(self.tried, key=lambda each: (self._lost(each, seasons), each.trial.name))
        first = {each.trial.estimator: each.trial.name for each in reversed(by_loss)}
        leading = [each for each in by_loss if first[each.trial.estimator] == each.trial.name]
        return [*leading, *(each for each in by_loss if each not in leading)][:LIBRARY]

    def _mean_losses(self, members: Sequence[str]) -> np.ndarray:
        """Return what the mean of some members loses, race by race."""
        key = tuple(sorted(Counter(members).items()))
        if key not in self.known:
            weights = {name: count / len(members) for name, count in key}
            self.known[key] = self.scores.losses(mean_of(weights, self._answers))
        return self.known[key]

    @cached_property
    def _answers(self) -> Mapping[str, pd.DataFrame]:
        return {each.trial.name: self.scores.part(_of(each)) for each in self.tried}

    def _lost(self, each: Tried, seasons: Sequence[int]) -> float:
        return float(each.losses[self._races(seasons)].mean())

    def _races(self, seasons: Sequence[int]) -> np.ndarray:
        return np.isin(self.scores.race_seasons, list(seasons))


def mean_of(weights: Mapping[str, float], answers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the weighted mean of answers."""
    first, *others = weights.items()
    values = first[1] * answers[first[0]].to_numpy(dtype=np.float64)
    for name, weight in others:
        values = values + weight * answers[name].to_numpy(dtype=np.float64)
    like = answers[first[0]]
    return pd.DataFrame(values, index=like.index, columns=like.columns)


def _of(each: Tried) -> pd.DataFrame:
    assert each.answer is not None
    return each.answer
