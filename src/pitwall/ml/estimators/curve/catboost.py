"""CatBoost's symmetric trees on what the running slope leaves over."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.curve._learned import Slopes
from pitwall.ml.estimators.shared.learners.catboost import CatBoost
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Slopes(
    name="catboost",
    learner=CatBoost(most=90),
    defaults={"learning_rate": 0.05, "depth": 2, "l2_leaf_reg": 10.0, "subsample": 0.7, "rsm": 0.7},
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "depth": Whole(1, 6),
        "l2_leaf_reg": Real(1.0, 100.0, log=True),
        "subsample": Real(0.5, 1.0),
        "rsm": Real(0.3, 1.0),
    },
    traits=Traits("CBM, JSON", stops=True, devices=("cpu", "cuda"), libraries=("catboost",)),
)
