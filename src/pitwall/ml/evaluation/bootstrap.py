"""Intervals by resampling whole races: cars of one race share its luck, so a race is the unit that is drawn.

Every statistic here is a mean over races or a function of sums over races. All draws are therefore one multiplication
of a draws x races matrix of counts, seeded, and the same for every model that is compared (paired).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from pitwall.domain.errors import UsageError
from pitwall.domain.numbers import Interval

DRAWS = 4000
CONFIDENCE = 0.95
POWER_Z = 0.8416212335729143  # the 80 % quantile of the standard normal


@lru_cache(maxsize=16)
def race_weights(races: int, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Return how often each race is drawn, draws x races, every row summing to `races`."""
    if races < 1:
        raise UsageError("there is no race to draw from; score at least one race that was run.")
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(races, np.full(races, 1.0 / races), size=draws).astype(np.float64)
    weights.setflags(write=False)  # shared between calls
    return weights


def mean_interval(per_race: np.ndarray, draws: int = DRAWS, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean over races with its interval."""
    return statistic_interval(np.asarray(per_race)[:, None], _mean_of_sums, draws, seed, confidence)


def paired_difference(
    ours: np.ndarray, theirs: np.ndarray, draws: int = DRAWS, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval:
    """Return mean(theirs - ours) over the same races: positive means that ours loses less.

    Args:
        ours: loss per race of the model in hand.
        theirs: loss of the other one on the same races, in the same order.
        draws: number of resamples.
        seed: of the draws.
        confidence: of the interval, and of the test whose smallest detectable effect is given.
    """
    difference = np.asarray(theirs, dtype=np.float64) - np.asarray(ours, dtype=np.float64)
    found = mean_interval(difference, draws, seed, confidence)
    return Interval(found.value, found.low, found.high, found.n, smallest_detectable(difference, confidence))


def smallest_detectable(difference: np.ndarray, confidence: float = CONFIDENCE) -> float:
    """Return (z + z of 80 % power) x standard error of a mean difference; infinite for a single race."""
    from scipy.special import ndtri

    if len(difference) < 2:
        return float("inf")
    error = float(np.std(difference, ddof=1) / np.sqrt(len(difference)))
    return float((ndtri(0.5 + confidence / 2) + POWER_Z) * error)


def statistic_interval(
    sums: np.ndarray,
    statistic: Callable[[np.ndarray, int], np.ndarray],
    draws: int = DRAWS,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Return a function of sums over races with its interval.

    Args:
        sums: races x quantities.
        statistic: (samples x quantities, number of races) -> one value per sample.
        draws: number of resamples.
        seed: of the draws.
        confidence: of the percentile interval.
    """
    races = len(sums)
    resampled = statistic(race_weights(races, draws, seed) @ sums, races)
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Interval(float(statistic(sums.sum(axis=0, keepdims=True), races)[0]), float(low), float(high), races)


def paired_statistic(
    ours: np.ndarray,
    theirs: np.ndarray,
    statistic: Callable[[np.ndarray, int], np.ndarray],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Return statistic(theirs) - statistic(ours), both of the same drawn races, with its interval.

    Args:
        ours: races x quantities.
        theirs: the same quantities of the other one, the same races in the same order.
        statistic: (samples x quantities, number of races) -> one value per sample.
        draws: number of resamples.
        seed: of the draws.
        confidence: of the percentile interval, and of the test whose smallest detectable effect is given.
    """
    from scipy.special import ndtri

    races = len(ours)
    weights = race_weights(races, draws, seed)
    resampled = statistic(weights @ theirs, races) - statistic(weights @ ours, races)
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    first, second = (float(statistic(sums.sum(axis=0, keepdims=True), races)[0]) for sums in (ours, theirs))
    detectable = float((ndtri(1 - tail) + POWER_Z) * resampled.std()) if races > 1 else float("inf")
    return Interval(second - first, float(low), float(high), races, detectable)


def _mean_of_sums(sums: np.ndarray, races: int) -> np.ndarray:
    return np.asarray(sums[:, 0] / races)
