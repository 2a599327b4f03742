"""The mean of other models of a curve, quantile by quantile, picked by their forecasts of the last training races."""

from __future__ import annotations

import pandas as pd

from pitwall.ml.estimators.curve._spread import crps
from pitwall.ml.estimators.shared.ensemble import Ensemble


def _loss(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    return crps(answer, outcome["value"].to_numpy(dtype="float64"))


ESTIMATOR = Ensemble(family="curve", loss=_loss)
