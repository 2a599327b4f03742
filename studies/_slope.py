"""How a forecast chance must be stretched to fit what came true: the slope of outcomes on log odds, seasons resampled for its interval."""

from __future__ import annotations

import numpy as np

from pitwall.domain.numbers import Interval

STEPS, RIDGE = 12, 1e-6
RESAMPLED = 400


def slope(chance: np.ndarray, came_true: np.ndarray, season: np.ndarray, floor: float, seed: int) -> Interval:
    """Return the slope with its 95 % interval; 1 is calibrated, less is too bold.

    Args:
        chance: that was forecast.
        came_true: whether it did.
        season: of each chance; whole seasons are resampled.
        floor: the smallest chance that the draws can tell from none.
        seed: of the resampling.
    """
    p = np.clip(chance, floor, 1 - floor)
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
    beta = np.array([0.0, 1.0])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + RIDGE * np.eye(2)
        beta = beta + np.linalg.solve(hessian, design.T @ (weight * (y - p)))
    return float(beta[1])
