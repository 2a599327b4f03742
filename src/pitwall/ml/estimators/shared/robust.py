"""Linear models of a number that a few absurd rows cannot bend: least absolute errors, and how large the errors usually are."""

from __future__ import annotations

import numpy as np

from pitwall.ml.estimators.shared.linear import Array

ROUNDS = 20
SMALLEST = 1e-3  # of the usual error: nearer to zero an error counts as this large, so that its weight stays finite


def least_absolute(matrix: Array, target: Array, ridge: float) -> Array:
    """Return the coefficients (intercept last) with the smallest sum of absolute errors, shrunk by a ridge.

    Solved by least squares, each time weighted by one over the errors of the time before (Schlossmacher 1973). The intercept
    is not shrunk.

    Args:
        matrix: rows x columns, standardised.
        target: one number per row.
        ridge: rows' worth of shrinkage of each coefficient towards zero.
    """
    design = with_intercept(matrix)
    shrink = np.full(design.shape[1], ridge)
    shrink[-1] = 0.0
    weight = np.ones(len(design))
    usual = float(np.median(np.abs(target - np.median(target)))) or 1.0
    coefficients = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        weighted = design * weight[:, None]
        coefficients = _solve(design.T @ weighted + np.diag(shrink), weighted.T @ target)
        error = np.abs(target - design @ coefficients)
        weight = usual / np.maximum(error, SMALLEST * usual + 0.05 * usual)
    return coefficients


def log_spread(matrix: Array, error: Array, ridge: float) -> Array:
    """Return the coefficients (intercept last) of the logarithm of the size of errors, by least squares with a ridge."""
    design = with_intercept(matrix)
    shrink = np.full(design.shape[1], ridge)
    shrink[-1] = 0.0
    return _solve(design.T @ design + np.diag(shrink), design.T @ log_size(error))


def log_size(error: Array) -> Array:
    """Return the logarithm of the size of errors; one of nothing counts as a hundredth of the usual one."""
    size = np.abs(error)
    usual = float(np.median(size))
    return np.asarray(np.log(np.maximum(size, 0.01 * usual if usual > 0 else 1e-9)))


def with_intercept(matrix: Array) -> Array:
    """Return the columns and one of ones, last."""
    return np.hstack([matrix, np.ones((len(matrix), 1))])


def _solve(left: Array, right: Array) -> Array:
    return np.asarray(np.linalg.lstsq(left, right, rcond=None)[0], dtype=np.float64)
