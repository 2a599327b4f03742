"""Strategies beside each other at the same number of trials: what each still loses to the best configuration that any of them has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pitwall.domain.errors import StageError
from pitwall.domain.numbers import Interval
from pitwall.ml.search.engine import SearchResult

CONFIDENCE = 0.95


@dataclass(frozen=True)
class StrategyScore:
    """How one strategy did over the seeds.

    Attributes:
        strategy: its name.
        best: its mean best value.
        regret: of its best value against the best known one, never below 0; without an interval (NaN) of a single seed.
        half: the same after half of the trials.
        seconds: of a study by the clock, the mean.
        pruned: share of the trials that were stopped early.
    """

    strategy: str
    best: float
    regret: Interval
    half: Interval
    seconds: float
    pruned: float

    def row(self) -> dict[str, object]:
        """Return it for JSON."""
        parts = {"regret": _row(self.regret), "half": _row(self.half)}
        return {"strategy": self.strategy, "best": self.best, **parts, "seconds": self.seconds, "pruned": self.pruned}


def best_so_far(result: SearchResult) -> np.ndarray:
    """Return the best value after each trial; NaN before the first complete one."""
    sign = result.settings.sign
    values = np.array([np.inf if t.value is None else sign * t.value for t in result.trials])
    best = np.minimum.accumulate(values)
    return np.where(np.isfinite(best), sign * best, np.nan)


def best_known(results: Mapping[str, Sequence[SearchResult]]) -> float:
    """Return the best value of any trial of any strategy.

    Raises:
        StageError: no trial is complete.
    """
    every = [result for own in results.values() for result in own]
    sign = every[0].settings.sign
    values = [sign * t.value for result in every for t in result.trials if t.value is not None]
    if not values:
        raise StageError(
            "no trial of any strategy is complete, so there is nothing to compare; see the log for the reasons."
        )
    return sign * min(values)


def compare(results: Mapping[str, Sequence[SearchResult]]) -> list[StrategyScore]:
    """Return the scores of strategies, the smallest regret first.

    Args:
        results: {strategy: its studies, one per seed}, all of the same objective and number of trials.
    """
    known = best_known(results)
    return sorted((_score(name, own, known) for name, own in results.items()), key=lambda each: each.regret.value)


def mean_over_seeds(values: np.ndarray) -> Interval:
    """Return a mean with its interval by Student's t, for independent seeds; one seed tells no spread."""
    from scipy.stats import t

    n, mean = len(values), float(values.mean())
    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Interval(mean, mean - half, mean + half, n)


def _score(name: str, own: Sequence[SearchResult], known: float) -> StrategyScore:
    courses = [best_so_far(result) for result in own]
    final, half = (np.array([course[at(len(course))] for course in courses]) for at in (_last, _middle))
    states = [trial.state for result in own for trial in result.trials]
    return StrategyScore(
        name,
        float(final.mean()),
        _regret(final, known),
        _regret(half, known),
        float(np.mean([result.seconds for result in own])),
        states.count("PRUNED") / len(states),
    )


def _regret(best: np.ndarray, known: float) -> Interval:
    """Return the mean distance to the best known value; an interval of it that begins below 0 is cut there."""
    found = mean_over_seeds(np.abs(best - known))
    return Interval(found.value, max(found.low, 0.0) if found.n > 1 else found.low, found.high, found.n)


def _last(count: int) -> int:
    return count - 1


def _middle(count: int) -> int:
    return max(0, count // 2 - 1)


def _row(found: Interval) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else value for name, value in found.row().items()}
