"""A random forest on what the running slope leaves over."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.curve._learned import Slopes
from pitwall.ml.estimators.shared.learners.random_forest import RandomForest
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Slopes(
    name="random_forest",
    learner=RandomForest(),
    defaults={"trees": 25, "min_samples_leaf": 20, "max_features": 0.3, "max_samples": 0.5},
    ranges={
        "min_samples_leaf": Whole(5, 100, log=True),
        "max_features": Real(0.1, 0.8),
        "max_samples": Real(0.2, 0.9),
    },
    traits=Traits("npz, JSON"),
)
