"""McFadden's conditional logit of the winner: it knows less of the field, and leaves outsiders more of a chance."""

from __future__ import annotations

from pitwall.ml.estimators.order._logit import Logit, drawn, from_winners

ESTIMATOR = Logit(
    name="winner_logit",
    learn=from_winners,
    distribution=drawn,
    defaults=(("half_life", 6.0), ("ridge", 0.3), ("drop_share", 0.3)),
)
