"""The conditional logit of pace: whose best lap is the quickest is drawn first, then the second, and so on.

A slot is no pace: qualifying and practice tell how quick a car is, wherever it starts.
"""

from __future__ import annotations

from pitwall.ml.estimators.order._few_features import WITH_PRACTICE
from pitwall.ml.estimators.order._forward import from_orders
from pitwall.ml.estimators.order._logit import Logit, drawn

PACE = ("log_quali_gap", *WITH_PRACTICE)
ESTIMATOR = Logit(
    name="pace_logit",
    learn=from_orders,
    distribution=drawn,
    defaults=(("focus", 3.0), ("half_life", 4.0), ("ridge", 0.2), ("drop_share", 0.3)),
    columns=lambda _: PACE,
    models=("fastest_lap",),
)
"""Columns and constants were chosen on the real seasons 2003 to 2014."""
