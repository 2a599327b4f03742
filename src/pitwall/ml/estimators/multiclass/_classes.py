"""What estimators of classes share: scores per class, from them to chances, and the slope that later races settle.

Scores are logarithms of chances up to a constant per row. A model starts from the rates of its training rows; the slope draws its
scores together (below 1) or apart about that start, where the model did not learn: it takes back what is left of over-confidence.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.shared.calibration import EDGE, LEAST, MOST, PRIOR, ROUNDS, Array
from pitwall.ml.families.multiclass import PREFIX

SLOPE = "slope"  # of the settled parameter


class Scored(Protocol):
    """A fitted model before calibration."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in the order of the question."""

    @property
    def params(self) -> Params:
        """The parameters settled so far."""

    @property
    def start(self) -> Array:
        """Return the scores that every row starts from, one per class."""

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, rows x classes."""


def classes_of(outcome: pd.DataFrame) -> tuple[str, ...]:
    """Return the classes of a question in its order, those that never came true included."""
    return tuple(str(name) for name in outcome["label"].cat.categories)


def happened(outcome: pd.DataFrame) -> Array:
    """Return 1.0 for the class that came true, else 0.0, rows x classes."""
    return np.asarray(np.eye(len(outcome["label"].cat.categories))[outcome["label"].cat.codes.to_numpy()])


def as_answer(chances: Array, classes: tuple[str, ...], index: pd.Index) -> pd.DataFrame:
    """Return chances as the family's answer: kept off 0, each row summing to 1."""
    inside = np.clip(chances, EDGE, None)
    inside = inside / inside.sum(axis=1, keepdims=True)
    return pd.DataFrame(inside, index=index, columns=[f"{PREFIX}{name}" for name in classes])


def answer(model: Scored, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the answer of a model from its scores and the settled slope."""
    slope = model.params.get(SLOPE, 1.0)
    return as_answer(softmax(model.start + slope * (model.scores(frame) - model.start)), model.classes, frame.index)


def softmax(scores: Array) -> Array:
    """Return the chances of scores, rows x classes."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def log_loss(chances: Array, true: Array) -> float:
    """Return the mean of -ln of the chance of what happened, in nats per row."""
    return float(-np.log(np.maximum((chances * true).sum(axis=1), EDGE)).mean())


def settle(model: Scored, data: FitInput) -> tuple[Params, float | None]:
    """Return the parameters with the slope, and the log loss on the validation races; without them, as they were."""
    if data.validation is None:
        return model.params, None
    frame, outcome = data.validation
    beyond, true = model.scores(frame) - model.start, happened(outcome)
    slope = _slope(model.start, beyond, true)
    return {**model.params, SLOPE: slope}, log_loss(softmax(model.start + slope * beyond), true)


def training_scores(true: Array) -> Array:
    """Return the logarithms of the rates of the training rows, with one row added that is all classes in equal parts."""
    return np.asarray(np.log((true.sum(axis=0) + 1.0 / true.shape[1]) / (len(true) + 1.0)))


def _slope(start: Array, beyond: Array, true: Array) -> float:
    """Return the slope with the least log loss on later rows, drawn to 1 as by `PRIOR` even rows, by Newton's method."""
    slope = 1.0
    for _ in range(ROUNDS):
        p = softmax(start + slope * beyond)
        mean = (p * beyond).sum(axis=1, keepdims=True)
        first = ((p - true) * beyond).sum() + 0.25 * PRIOR * (slope - 1.0)
        second = (p * (beyond - mean) ** 2).sum() + 0.25 * PRIOR
        step = float(np.clip(first / second, -1.0, 1.0))
        slope -= step
        if abs(step) < 1e-10:
            break
    return float(np.clip(slope, LEAST, MOST))


def lost_on(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the log loss of an answer, in nats per row."""
    return log_loss(answer.to_numpy(), happened(outcome))
