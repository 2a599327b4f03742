"""A small neural network on what the running slope leaves over."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.curve._learned import Slopes
from pitwall.ml.estimators.shared.learners.net import Net
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Slopes(
    name="mlp",
    learner=Net(),
    defaults={"hidden": 8, "rate": 0.002, "decay": 0.1},
    ranges={
        "hidden": Whole(4, 48, log=True),
        "rate": Real(0.0005, 0.01, log=True),
        "decay": Real(0.001, 1.0, log=True),
    },
    traits=Traits("npz, JSON", stops=True, devices=("cpu", "cuda")),
)
