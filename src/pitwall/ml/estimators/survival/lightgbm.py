"""LightGBM's trees of the hazard of each step, on top of how often sets of the compound came off with it."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.shared.learners.lightgbm import LightGBM
from pitwall.ml.estimators.shared.learners.space import Real, Whole
from pitwall.ml.estimators.survival._learned import Steps

ESTIMATOR = Steps(
    name="lightgbm",
    learner=LightGBM(most=400),
    defaults={
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": 200,
        "lambda_l2": 50.0,
        "bagging_fraction": 0.7,
        "feature_fraction": 0.5,
    },
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "num_leaves": Whole(2, 32, log=True),
        "min_data_in_leaf": Whole(20, 1000, log=True),
        "lambda_l2": Real(1.0, 100.0, log=True),
        "bagging_fraction": Real(0.5, 1.0),
        "feature_fraction": Real(0.3, 1.0),
    },
    traits=Traits("text, JSON", stops=True, devices=("cpu", "cuda"), libraries=("lightgbm",)),
)
