"""CatBoost's symmetric trees of classes in an order, starting from the rates of the training rows."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.multiclass._learned import Borders
from pitwall.ml.estimators.shared.learners.catboost import CatBoost
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Borders(
    name="catboost",
    learner=CatBoost(most=240),
    defaults={"learning_rate": 0.03, "depth": 3, "l2_leaf_reg": 10.0, "subsample": 0.7, "rsm": 0.5},
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "depth": Whole(1, 6),
        "l2_leaf_reg": Real(1.0, 100.0, log=True),
        "subsample": Real(0.5, 1.0),
        "rsm": Real(0.3, 1.0),
    },
    traits=Traits("CBM, JSON", stops=True, devices=("cpu", "cuda"), libraries=("catboost",)),
)
