"""The mean of other models of yes or no, picked by the log loss of their forecasts of the last training races."""

from __future__ import annotations

import pandas as pd

from pitwall.ml.estimators.binary._says import happened
from pitwall.ml.estimators.shared.calibration import log_loss
from pitwall.ml.estimators.shared.ensemble import Ensemble


def _loss(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    return log_loss(answer["p"].to_numpy(), happened(outcome))


ESTIMATOR = Ensemble(family="binary", loss=_loss)
