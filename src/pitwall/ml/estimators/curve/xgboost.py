"""XGBoost's trees on what the running slope leaves over."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.curve._learned import Slopes
from pitwall.ml.estimators.shared.learners.space import Real, Whole
from pitwall.ml.estimators.shared.learners.xgboost import XGBoost

# Small, slow trees, for there are a few hundred rows; `rounds` counts where no later races decide.
ESTIMATOR = Slopes(
    name="xgboost",
    learner=XGBoost(most=300, file="trees.ubj"),
    defaults={
        "eta": 0.05,
        "max_depth": 2,
        "min_child_weight": 20.0,
        "reg_lambda": 10.0,
        "subsample": 0.7,
        "colsample_bytree": 0.7,
        "rounds": 20,
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
)
