"""The line that logistic regressions of every family fit."""

from __future__ import annotations

import numpy as np

from pitwall.ml.estimators.shared.calibration import Array, chances

ROUNDS = 100


def ridged_line(matrix: Array, true: Array, start: Array, shrink: float) -> Array:
    """Return the coefficients (intercept last) that make the ridged log likelihood largest, by Newton's method.

    Args:
        matrix: rows x columns, standardised.
        true: 1 where it happened, else 0.
        start: log odds that the line is added to.
        shrink: of each coefficient, not of the intercept, in the unit of the information.
    """
    design = np.hstack([matrix, np.ones((len(matrix), 1))])
    prior = np.full(design.shape[1], shrink)
    prior[-1] = 1e-6
    beta = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        p = chances(design @ beta + start)
        slope = design.T @ (p - true) + prior * beta
        curve = (design * (p * (1.0 - p))[:, None]).T @ design + np.diag(prior)
        step = np.clip(np.linalg.solve(curve, slope), -2.0, 2.0)
        beta = beta - step
        if np.abs(step).max() < 1e-9:
            break
    return beta
