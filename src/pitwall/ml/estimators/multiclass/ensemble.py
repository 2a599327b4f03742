"""The mean of other models of classes, picked by the log loss of their forecasts of the last training races."""

from __future__ import annotations

from pitwall.ml.estimators.multiclass._classes import lost_on
from pitwall.ml.estimators.shared.ensemble import Ensemble

ESTIMATOR = Ensemble(family="multiclass", loss=lost_on)
