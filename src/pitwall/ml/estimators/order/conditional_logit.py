"""The conditional logit on few features, learned from who is eliminated: the reversed Plackett-Luce model.

Eight numbers per car before a race and five before a weekend order real races as well as anything larger.
"""

from __future__ import annotations

from pitwall.ml.estimators.order._logit import Logit, eliminated, from_eliminations

ESTIMATOR = Logit(
    name="conditional_logit",
    learn=from_eliminations,
    distribution=eliminated,
    defaults=(("focus", 8.0), ("half_life", 6.0), ("ridge", 1.0), ("drop_share", 0.3)),
)
"""Chosen on the real seasons 2005 to 2014."""
