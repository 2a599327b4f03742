"""Whose turn it is: the estimator of which one more trial promises most, per CPU second.

The next cost of an estimator is thought of as normal about the mean of the better half of its trials; its spread is that of its
trials, with one more in it that is as far off as estimators usually are from the best. The expected improvement on the best of all decides, times
the chance 1/n that the n-th of equal draws is a record, divided by the mean seconds of its trials. An estimator that is far behind is hardly
asked again, a cheap one more often, and one that has been asked long gives way.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, exp, pi, sqrt

import numpy as np

from pitwall.ml.automl.trials import Tried

FAILURES = 2  # in a row from the first trial on, after which an estimator is left alone


def next_estimator(tried: Sequence[Tried], names: Sequence[str], left: float) -> str | None:
    """Return whose turn it is; None where no trial fits into what is left.

    Args:
        tried: all trials so far, with at least one of each of the names.
        names: estimators that can propose another configuration.
        left: CPU seconds.
    """
    mine = {name: [each for each in tried if each.trial.estimator == name] for name in names}
    fit = {
        name: own
        for name, own in mine.items()
        if _seconds(own) <= left and not (len(own) >= FAILURES and not _costs(own))
    }
    if not fit:
        return None
    best = min((each.cost for each in tried if np.isfinite(each.cost)), default=0.0)
    usual = _usual_distance(tried, best)
    worth = {name: _promise(_costs(own), best, usual) / len(own) / _seconds(own) for name, own in fit.items()}
    return max(sorted(worth), key=lambda name: worth[name])


def _promise(costs: list[float], best: float, usual: float) -> float:
    """Return the expected improvement on the best; of an estimator that has only failed, that of a trial as good as the best."""
    if not costs:
        return usual * _density(0.0)
    middle = float(np.mean(sorted(costs)[: (len(costs) + 1) // 2]))
    spread = sqrt((usual**2 + sum((cost - middle) ** 2 for cost in costs)) / (len(costs) + 1))
    z = (best - middle) / spread
    return spread * (_density(z) + z * _below(z))


def _usual_distance(tried: Sequence[Tried], best: float) -> float:
    """Return how far the best trials of estimators lie behind the best of all, the median of those that do."""
    names = sorted({each.trial.estimator for each in tried})
    behind = [min(costs) - best for name in names if (costs := _costs([t for t in tried if t.trial.estimator == name]))]
    above = [distance for distance in behind if distance > 0]
    return float(np.median(above)) if above else max(abs(best), 1.0) * 1e-3


def _costs(own: Sequence[Tried]) -> list[float]:
    return [each.cost for each in own if np.isfinite(each.cost)]


def _seconds(own: Sequence[Tried]) -> float:
    return max(1e-3, float(np.mean([each.trial.seconds for each in own])) if own else 0.0)


def _density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi)


def _below(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2
