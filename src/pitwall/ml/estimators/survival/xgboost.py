"""XGBoost's trees of the hazard of each step, on top of how often sets of the compound came off with it."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.shared.learners.space import Real, Whole
from pitwall.ml.estimators.shared.learners.xgboost import XGBoost
from pitwall.ml.estimators.survival._learned import Steps

ESTIMATOR = Steps(
    name="xgboost",
    learner=XGBoost(most=400, bins=64),
    defaults={
        "eta": 0.05,
        "max_depth": 3,
        "min_child_weight": 20.0,
        "reg_lambda": 50.0,
        "subsample": 0.7,
        "colsample_bytree": 0.5,
    },
    ranges={
        "eta": Real(0.01, 0.2, log=True),
        "max_depth": Whole(1, 6),
        "min_child_weight": Real(1.0, 100.0, log=True),
        "reg_lambda": Real(1.0, 100.0, log=True),
        "subsample": Real(0.5, 1.0),
        "colsample_bytree": Real(0.3, 1.0),
    },
    traits=Traits("UBJ, JSON", stops=True, devices=("cpu", "cuda")),
    by_name=False,
)
