"""The weighted mean of named models of durations, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.shared.blend import Blend
from pitwall.ml.estimators.survival._periods import loss_of

ESTIMATOR = Blend(family="survival", loss=loss_of, usual=("hazard", "xgboost"))
