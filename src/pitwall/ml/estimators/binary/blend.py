"""The weighted mean of named models of yes or no, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.binary._says import lost_on
from pitwall.ml.estimators.shared.blend import Blend

ESTIMATOR = Blend(family="binary", loss=lost_on, usual=("logistic", "xgboost"))
