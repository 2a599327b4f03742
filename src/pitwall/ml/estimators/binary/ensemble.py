"""The mean of other models of yes or no, picked by the log loss of their forecasts of the last training races."""

from __future__ import annotations

from pitwall.ml.estimators.binary._says import lost_on
from pitwall.ml.estimators.shared.ensemble import Ensemble

ESTIMATOR = Ensemble(family="binary", loss=lost_on)
