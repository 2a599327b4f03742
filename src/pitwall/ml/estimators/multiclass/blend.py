"""The weighted mean of named models of classes, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.multiclass._classes import lost_on
from pitwall.ml.estimators.shared.blend import Blend

ESTIMATOR = Blend(family="multiclass", loss=lost_on, usual=("logistic", "xgboost"))
