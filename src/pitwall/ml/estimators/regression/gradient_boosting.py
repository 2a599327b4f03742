"""Scikit-learn's gradient boosting on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.gradient_boosting import GradientBoosting
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Parts(
    name="gradient_boosting",
    learner=GradientBoosting(most=400),
    defaults={
        "learning_rate": 0.1,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "l2_regularization": 5.0,
        "max_features": 0.5,
    },
    ranges={
        "learning_rate": Real(0.02, 0.2, log=True),
        "max_leaf_nodes": Whole(4, 128, log=True),
        "min_samples_leaf": Whole(5, 200, log=True),
        "l2_regularization": Real(0.3, 30.0, log=True),
        "max_features": Real(0.3, 1.0),
    },
    traits=Traits("npz, JSON", stops=True),
)
