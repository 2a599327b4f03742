"""CatBoost's symmetric trees of yes or no, starting from the rate that tells most alone."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.binary._learned import Scores
from pitwall.ml.estimators.shared.learners.catboost import CatBoost
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Scores(
    name="catboost",
    learner=CatBoost(most=400),
    defaults={"learning_rate": 0.03, "depth": 3, "l2_leaf_reg": 50.0, "subsample": 0.7, "rsm": 0.5},
    ranges={
        "learning_rate": Real(0.01, 0.2, log=True),
        "depth": Whole(1, 6),
        "l2_leaf_reg": Real(1.0, 200.0, log=True),
        "subsample": Real(0.5, 1.0),
        "rsm": Real(0.3, 1.0),
    },
    traits=Traits("CBM, JSON", stops=True, devices=("cpu", "cuda"), libraries=("catboost",)),
)
