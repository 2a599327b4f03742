"""The weighted mean of named models of orders, each with parameters of its own."""

from __future__ import annotations

from pitwall.ml.estimators.order._logit import lost_on
from pitwall.ml.estimators.shared.blend import Blend

ESTIMATOR = Blend(family="order", loss=lost_on, usual=("conditional_logit", "plackett_luce_trees"))
