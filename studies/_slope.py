"""How a forecast chance must be stretched to fit what came true: the slope of outcomes on log odds, seasons resampled for its interval."""

from __future__ import annotations

import numpy as np

from pitwall.domain.numbers import Interval

STEPS, PRIOR = 12, 0.25  # a weak belief in (0, 1), so that seasons without a surprise have a slope at all
RESAMPLED = 400
START = np.array([0.0, 1.0])  # as forecast


def slope(chance: np.ndarray, came_true: np.ndarray, season: np.ndarray, *, least: float, seed: int) -> Interval:
    """Return the slope with its 95 % interval; 1 is calibrated, less is too bold.

    Args:
        chance: that was forecast.
        came_true: whether it did.
        season: of each chance; whole seasons are resampled.
        least: smaller chances are left out: so few draws cannot tell them from none, which would look timid.
        seed: of the resampling.
    """
    kept = chance >= least
    p, came_true, season = np.minimum(chance[kept], 1 - least / 10), came_true[kept], season[kept]
    design = np.stack([np.ones(len(p)), np.log(p / (1 - p))], axis=1)
    _, which = np.unique(season, return_inverse=True)
    count = int(which.max()) + 1
    rng, found = np.random.default_rng(seed), []
    for _ in range(RESAMPLED):
        weight = np.bincount(rng.integers(0, count, count), minlength=count)[which]
        found.append(_fit(design, came_true, weight.astype(float)))
    low, high = np.quantile(found, (0.025, 0.975))
    return Interval(_fit(design, came_true, np.ones(len(p))), float(low), float(high), count)


def _fit(design: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    beta = START
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + PRIOR * np.eye(2)
        gradient = design.T @ (weight * (y - p)) - PRIOR * (beta - START)
        beta = beta + np.linalg.solve(hessian, gradient)
    return float(beta[1])
