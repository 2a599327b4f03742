"""Scikit-learn's gradient boosting on what the running slope leaves over."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.curve._learned import Slopes
from pitwall.ml.estimators.shared.learners.gradient_boosting import GradientBoosting
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Slopes(
    name="gradient_boosting",
    learner=GradientBoosting(most=60),
    defaults={
        "learning_rate": 0.03,
        "max_leaf_nodes": 4,
        "min_samples_leaf": 30,
        "l2_regularization": 30.0,
        "max_features": 0.7,
    },
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "max_leaf_nodes": Whole(2, 16, log=True),
        "min_samples_leaf": Whole(10, 200, log=True),
        "l2_regularization": Real(1.0, 100.0, log=True),
        "max_features": Real(0.3, 1.0),
    },
    traits=Traits("npz, JSON", stops=True),
)
