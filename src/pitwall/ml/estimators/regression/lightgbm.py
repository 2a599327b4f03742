"""LightGBM's trees on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.lightgbm import LightGBM
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Parts(
    name="lightgbm",
    learner=LightGBM(most=600),
    defaults={
        "learning_rate": 0.1,
        "num_leaves": 31,
        "min_data_in_leaf": 20,
        "lambda_l2": 5.0,
        "bagging_fraction": 0.7,
        "feature_fraction": 0.5,
    },
    ranges={
        "learning_rate": Real(0.02, 0.2, log=True),
        "num_leaves": Whole(4, 128, log=True),
        "min_data_in_leaf": Whole(5, 200, log=True),
        "lambda_l2": Real(0.3, 30.0, log=True),
        "bagging_fraction": Real(0.5, 1.0),
        "feature_fraction": Real(0.3, 1.0),
    },
    traits=Traits("text, JSON", stops=True, devices=("cpu", "cuda"), libraries=("lightgbm",)),
)
