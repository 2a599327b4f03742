"""LightGBM's trees of classes in an order: a few leaves each, starting from the rates of the training rows."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.multiclass._learned import Borders
from pitwall.ml.estimators.shared.learners.lightgbm import LightGBM
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Borders(
    name="lightgbm",
    learner=LightGBM(most=120),
    defaults={
        "learning_rate": 0.015,
        "num_leaves": 4,
        "min_data_in_leaf": 20,
        "lambda_l2": 10.0,
        "bagging_fraction": 0.7,
        "feature_fraction": 0.5,
    },
    ranges={
        "learning_rate": Real(0.005, 0.2, log=True),
        "num_leaves": Whole(2, 16, log=True),
        "min_data_in_leaf": Whole(10, 200, log=True),
        "lambda_l2": Real(1.0, 100.0, log=True),
        "bagging_fraction": Real(0.5, 1.0),
        "feature_fraction": Real(0.3, 1.0),
    },
    traits=Traits("text, JSON", stops=True, devices=("cpu", "cuda"), libraries=("lightgbm",)),
)
