"""A small classifier for rows of a few features: softmax regression, by Adam on all rows at once, without any randomness.

It starts from no weights at all, so the same rows in the same order always give the same weights. What is not known counts as usual: it
is the mean of the training rows, 0 after they are standardised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
BETA, SQUARES, TINY = 0.9, 0.999, 1e-8  # Adam's usual ones


@dataclass
class Softmax:
    """Weights of one linear score per class.

    Attributes:
        mean: of each feature over the training rows.
        scale: standard deviation of each, 1 where it is constant.
        classes: the classes, sorted.
        weights: (features + 1) x classes; the last row is the bias.
    """

    mean: Floats
    scale: Floats
    classes: npt.NDArray[Any]
    weights: Floats

    def probabilities(self, X: Floats) -> Floats:
        """Return rows x classes."""
        return _softmax(self._design(X) @ self.weights)

    def loss(self, X: Floats, labels: npt.NDArray[Any]) -> float:
        """Return the mean log loss; a class that was not learned has the chance 1e-9."""
        chances = np.full(len(labels), 1e-9)
        known = np.isin(labels, self.classes)
        rows = self.probabilities(X)[known]
        chances[known] = rows[np.arange(len(rows)), np.searchsorted(self.classes, labels[known])]
        return float(-np.log(np.maximum(chances, 1e-9)).mean())

    def accuracy(self, X: Floats, labels: npt.NDArray[Any]) -> float:
        """Return the share of rows whose likeliest class came true."""
        return float((self.classes[self.probabilities(X).argmax(axis=1)] == labels).mean())

    def _design(self, X: Floats) -> Floats:
        standard = np.nan_to_num((X - self.mean) / self.scale, nan=0.0)
        return np.column_stack([standard, np.ones(len(X))])


def fit(
    X: Floats, labels: npt.NDArray[Any], *, rate: float, epochs: int, report: Callable[[int, Softmax], None]
) -> Softmax:
    """Learn from rows.

    Args:
        X: rows x features, NaN where nothing is known.
        labels: the class of each row.
        rate: Adam's step.
        epochs: how many steps, each on all rows.
        report: is called after each with its number and the model as it is then.
    """
    known = np.isfinite(X)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / count
    scale = np.sqrt((np.where(known, X - mean, 0.0) ** 2).sum(axis=0) / count)
    classes, index = np.unique(labels, return_inverse=True)
    model = Softmax(mean, np.where(scale > 0, scale, 1.0), classes, np.zeros((X.shape[1] + 1, len(classes))))
    design, true = model._design(X), np.eye(len(classes))[index]
    first, second = np.zeros_like(model.weights), np.zeros_like(model.weights)
    for epoch in range(epochs):
        slope = design.T @ (_softmax(design @ model.weights) - true) / len(X)
        first, second = BETA * first + (1 - BETA) * slope, SQUARES * second + (1 - SQUARES) * slope**2
        step = epoch + 1
        model.weights -= rate * (first / (1 - BETA**step)) / (np.sqrt(second / (1 - SQUARES**step)) + TINY)
        report(epoch, model)
    return model


def _softmax(score: Floats) -> Floats:
    raised = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
