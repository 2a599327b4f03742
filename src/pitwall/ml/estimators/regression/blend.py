"""The weighted mean of named models of a number, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.regression._spread import lost_on
from pitwall.ml.estimators.shared.blend import Blend

ESTIMATOR = Blend(family="regression", loss=lost_on, usual=("linear", "xgboost"))
