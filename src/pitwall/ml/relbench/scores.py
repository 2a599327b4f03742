"""The benchmark's metrics with intervals: whole ticks are drawn again, for drivers of one tick share its races."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.features.machinery.shared.filter import Index
from pitwall.ml.evaluation.bootstrap import CONFIDENCE, DRAWS, POWER_Z, race_weights
from pitwall.ml.relbench.features.tick import Array
from pitwall.ml.relbench.tasks import Task


def resampled(
    task: Task, dates: pd.Series, label: Array, said: Array, *, draws: int = DRAWS, seed: int = 0
) -> tuple[float, Array]:
    """Return the metric, and what it is on each draw of ticks; the same draws for all that answer the same rows.

    Args:
        task: says the metric.
        dates: (rows,) the tick of each row.
        label: (rows,) the truth.
        said: (rows,) the answer.
        draws: of the bootstrap.
        seed: of the draws.
    """
    index, ticks = pd.factorize(dates, sort=True)
    weights = np.vstack([np.ones(len(ticks)), race_weights(len(ticks), draws, seed)])
    if task.yes_or_no:
        right, pairs = _pairs(index, len(ticks), label, said)
        found = _quotient(((weights @ right) * weights).sum(axis=1), ((weights @ pairs) * weights).sum(axis=1))
    else:
        error, rows = np.bincount(index, np.abs(label - said)), np.bincount(index)
        found = _quotient(weights @ error, weights @ rows)
    return float(found[0]), found[1:]


def interval(value: float, drawn: Array, ticks: int) -> Interval:
    """Return a metric with its percentile interval."""
    low, high = np.nanquantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high), ticks)


def gain(task: Task, ours: tuple[float, Array], other: tuple[float, Array], ticks: int) -> Interval:
    """Return by how much ours is better (positive) on the same draws, with the smallest difference that could have been seen."""
    from scipy.special import ndtri

    sign = 1 if task.yes_or_no else -1
    drawn = sign * (ours[1] - other[1])
    found = interval(sign * (ours[0] - other[0]), drawn, ticks)
    detectable = (ndtri((1 + CONFIDENCE) / 2) + POWER_Z) * float(np.nanstd(drawn))
    return Interval(found.value, found.low, found.high, ticks, float(detectable))


def _pairs(index: Index, ticks: int, label: Array, said: Array) -> tuple[Array, Array]:
    """Return, for the yes of one tick and the no of another, the pairs in the right order (ties count half) and all pairs."""
    yes, no = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    right = (said[yes][:, None] > said[no][None, :]) + 0.5 * (said[yes][:, None] == said[no][None, :])
    above = np.zeros((ticks, ticks))
    np.add.at(above, (index[yes][:, None], index[no][None, :]), right)
    counts = [np.bincount(index[rows], minlength=ticks).astype(np.float64) for rows in (yes, no)]
    return above, np.outer(*counts)


def _quotient(above: Array, below: Array) -> Array:
    """Return a quotient, nan where there is nothing to divide by: a draw of ticks without a yes, or without a no."""
    found = np.full(len(above), np.nan)
    found[below > 0] = above[below > 0] / below[below > 0]
    return found
