"""Scikit-learn's gradient boosting of classes in an order: it learns what the labels leave of the rates of the training rows."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.multiclass._learned import Borders
from pitwall.ml.estimators.shared.learners.gradient_boosting import GradientBoosting
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Borders(
    name="gradient_boosting",
    learner=GradientBoosting(most=90),
    defaults={
        "learning_rate": 0.1,
        "max_leaf_nodes": 3,
        "min_samples_leaf": 40,
        "l2_regularization": 20.0,
        "max_features": 0.5,
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
