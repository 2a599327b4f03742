"""Probabilities that mean what they say: one slope on log odds, fitted where the model did not learn.

A slope below 1 takes back what a model is too sure of. It turns about the log odds that the model started from, so a refit on
more rows keeps the slope and finds its own level; an intercept of earlier years would carry theirs along. An isotonic curve would
need thousands of later rows and is not offered.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
EDGE = 1e-6  # probabilities are kept this far from 0 and 1
ROUNDS = 60
PRIOR = 10.0  # rows at even odds, one log odd from the rate, that say the slope is 1
LEAST, MOST = 0.2, 2.0  # a slope beyond is luck of a few rows


def log_odds(p: Array) -> Array:
    """Return ln(p / (1 - p)), p kept off the edges."""
    inside = np.clip(p, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def chances(score: Array) -> Array:
    """Return the probability of a score in log odds.

    Example:
        >>> chances(np.array([0.0])).tolist()
        [0.5]
    """
    return np.asarray(np.clip(1.0 / (1.0 + np.exp(-np.clip(score, -50.0, 50.0))), EDGE, 1.0 - EDGE))


def log_loss(p: Array, happened: Array) -> float:
    """Return the mean of -ln of the probability of what happened, in nats per row."""
    return float(-np.log(np.where(happened > 0, p, 1.0 - p)).mean())


def settled_slope(score: Array, start: Array, happened: Array) -> float:
    """Return the slope that fits later rows best, drawn to 1; their level is fitted beside it and forgotten.

    Args:
        score: log odds per row, as the model says them.
        start: log odds per row that the model started from, about which the slope turns.
        happened: 1 or 0.
    """
    design = np.column_stack([score - start, np.ones(len(score))])
    prior, usual = np.diag([0.25 * PRIOR, 1e-6]), np.array([1.0, 0.0])
    beta = usual
    for _ in range(ROUNDS):
        p = chances(start + design @ beta)
        slope = design.T @ (p - happened) + prior @ (beta - usual)
        curve = (design * (p * (1.0 - p))[:, None]).T @ design + prior
        step = np.clip(np.linalg.solve(curve, slope), -1.0, 1.0)
        beta = beta - step
        if np.abs(step).max() < 1e-10:
            break
    return float(np.clip(beta[0], LEAST, MOST))


def sloped(score: Array, start: Array, slope: float) -> Array:
    """Return scores drawn together (slope below 1) or apart about what they started from."""
    return np.asarray(start + slope * (score - start))
