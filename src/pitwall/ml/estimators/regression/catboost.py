"""CatBoost's symmetric trees on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.catboost import CatBoost
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Parts(
    name="catboost",
    learner=CatBoost(most=600),
    defaults={"learning_rate": 0.1, "depth": 6, "l2_leaf_reg": 5.0, "subsample": 0.7, "rsm": 0.5},
    ranges={
        "learning_rate": Real(0.02, 0.2, log=True),
        "depth": Whole(2, 8),
        "l2_leaf_reg": Real(0.5, 50.0, log=True),
        "subsample": Real(0.5, 1.0),
        "rsm": Real(0.3, 1.0),
    },
    traits=Traits("CBM, JSON", stops=True, devices=("cpu", "cuda"), libraries=("catboost",)),
)
