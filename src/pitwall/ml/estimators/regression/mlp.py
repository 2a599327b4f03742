"""A small neural network on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.net import Net
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Parts(
    name="mlp",
    learner=Net(),
    defaults={"hidden": 24, "rate": 0.003, "decay": 0.01},
    ranges={
        "hidden": Whole(8, 64, log=True),
        "rate": Real(0.0005, 0.01, log=True),
        "decay": Real(0.001, 1.0, log=True),
    },
    traits=Traits("npz, JSON", stops=True, devices=("cpu", "cuda")),
)
