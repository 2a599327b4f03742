"""What fitted models of yes or no share: the answer from a score in log odds, and the slope that later rows settle."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.shared.calibration import Array, chances, log_loss, settled_slope, sloped

SLOPE = "slope"  # of the settled parameter


class Scored(Protocol):
    """A fitted model before calibration."""

    @property
    def params(self) -> Params:
        """The parameters settled so far."""

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return log odds per row."""

    def starts(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row that the scores started from."""


def happened(outcome: pd.DataFrame) -> Array:
    """Return 1.0 where it happened, else 0.0."""
    return np.asarray(outcome["label"], dtype=np.float64)


def answer(score: Array, start: Array, params: Params, index: pd.Index) -> pd.DataFrame:
    """Return `p` per row from scores, what they started from, and the settled slope."""
    return pd.DataFrame({"p": chances(sloped(score, start, params.get(SLOPE, 1.0)))}, index=index)


def settle(model: Scored, data: FitInput) -> tuple[Params, float | None]:
    """Return the parameters with the slope, and the log loss on the validation races; without them, as they were."""
    if data.validation is None:
        return model.params, None
    frame, outcome = data.validation
    score, start, true = model.scores(frame), model.starts(frame), happened(outcome)
    slope = settled_slope(score, start, true)
    return {**model.params, SLOPE: slope}, log_loss(chances(sloped(score, start, slope)), true)


def training_rate(true: Array) -> float:
    """Return the rate of the training rows, with one even row added: never 0 or 1."""
    return float((true.sum() + 0.5) / (len(true) + 1.0))


def finite(values: Array) -> Array:
    """Return values with nulls and infinities as NaN: trees learn where to send what is not known."""
    return np.where(np.isfinite(values), values, np.nan)


def lost_on(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the log loss of an answer, in nats per row."""
    return log_loss(answer["p"].to_numpy(), happened(outcome))
