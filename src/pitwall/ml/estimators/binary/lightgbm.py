"""LightGBM's trees of yes or no: a few leaves each, starting from the rate that tells most alone."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.binary._learned import Scores
from pitwall.ml.estimators.shared.learners.lightgbm import LightGBM
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Scores(
    name="lightgbm",
    learner=LightGBM(most=400),
    defaults={
        "learning_rate": 0.03,
        "num_leaves": 4,
        "min_data_in_leaf": 80,
        "lambda_l2": 50.0,
        "bagging_fraction": 0.7,
        "feature_fraction": 0.5,
    },
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "num_leaves": Whole(2, 16, log=True),
        "min_data_in_leaf": Whole(10, 400, log=True),
        "lambda_l2": Real(1.0, 100.0, log=True),
        "bagging_fraction": Real(0.5, 1.0),
        "feature_fraction": Real(0.3, 1.0),
    },
    traits=Traits("text, JSON", stops=True, devices=("cpu", "cuda"), libraries=("lightgbm",)),
)
