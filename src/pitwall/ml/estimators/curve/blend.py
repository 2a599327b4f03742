"""The weighted mean of named models of a curve, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.curve._spread import lost_on
from pitwall.ml.estimators.shared.blend import Blend

ESTIMATOR = Blend(family="curve", loss=lost_on, usual=("ridge", "lightgbm"))
