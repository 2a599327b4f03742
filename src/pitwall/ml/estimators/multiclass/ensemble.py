"""The mean of other models of classes, picked by the log loss of their forecasts of the last training races."""

from __future__ import annotations

import pandas as pd

from pitwall.ml.estimators.multiclass._classes import happened, log_loss
from pitwall.ml.estimators.shared.ensemble import Ensemble


def _loss(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    return log_loss(answer.to_numpy(), happened(outcome))


ESTIMATOR = Ensemble(family="multiclass", loss=_loss)
