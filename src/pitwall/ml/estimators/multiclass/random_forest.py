"""A random forest of classes in an order: it learns what the labels leave of the rates of the training rows."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.multiclass._learned import Borders
from pitwall.ml.estimators.shared.learners.random_forest import RandomForest
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Borders(
    name="random_forest",
    learner=RandomForest(),
    defaults={"trees": 60, "min_samples_leaf": 40, "max_features": 0.6, "max_samples": 0.5},
    ranges={
        "min_samples_leaf": Whole(5, 100, log=True),
        "max_features": Real(0.1, 0.8),
        "max_samples": Real(0.2, 0.9),
    },
    traits=Traits("npz, JSON"),
)
