"""XGBoost's trees on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.space import Real, Whole
from pitwall.ml.estimators.shared.learners.xgboost import XGBoost

# What the laps of 2018 to 2022 chose.
ESTIMATOR = Parts(
    name="xgboost",
    learner=XGBoost(most=600, bins=64),
    defaults={
        "eta": 0.1,
        "max_depth": 6,
        "min_child_weight": 20.0,
        "reg_lambda": 5.0,
        "subsample": 0.7,
        "colsample_bytree": 0.5,
    },
    ranges={
        "eta": Real(0.02, 0.2, log=True),
        "max_depth": Whole(2, 8),
        "min_child_weight": Real(1.0, 100.0, log=True),
        "reg_lambda": Real(0.3, 30.0, log=True),
        "subsample": Real(0.5, 1.0),
        "colsample_bytree": Real(0.3, 1.0),
    },
    traits=Traits("UBJ, JSON", stops=True, devices=("cpu", "cuda")),
    by_name=False,
    halves=False,
)
