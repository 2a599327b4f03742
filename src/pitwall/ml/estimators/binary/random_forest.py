"""A random forest of yes or no: it learns what the labels leave of the rate that tells most alone."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.binary._learned import Scores
from pitwall.ml.estimators.shared.learners.random_forest import RandomForest
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Scores(
    name="random_forest",
    learner=RandomForest(),
    defaults={"trees": 150, "min_samples_leaf": 40, "max_features": 0.3, "max_samples": 0.5},
    ranges={
        "min_samples_leaf": Whole(10, 200, log=True),
        "max_features": Real(0.1, 0.8),
        "max_samples": Real(0.2, 0.9),
    },
    traits=Traits("npz, JSON"),
)
