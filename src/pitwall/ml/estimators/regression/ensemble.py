"""The mean of other models of a number, quantile by quantile, picked by their forecasts of the last training races."""

from __future__ import annotations

from pitwall.ml.estimators.regression._spread import lost_on
from pitwall.ml.estimators.shared.ensemble import Ensemble

ESTIMATOR = Ensemble(family="regression", loss=lost_on)
