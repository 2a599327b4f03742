"""A small neural network of classes in an order, starting from the rates of the training rows."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.multiclass._learned import Borders
from pitwall.ml.estimators.shared.learners.net import Net
from pitwall.ml.estimators.shared.learners.space import Real, Whole

ESTIMATOR = Borders(
    name="mlp",
    learner=Net(),
    defaults={"hidden": 4, "rate": 0.004, "decay": 0.3},
    ranges={
        "hidden": Whole(4, 48, log=True),
        "rate": Real(0.0005, 0.01, log=True),
        "decay": Real(0.001, 1.0, log=True),
    },
    traits=Traits("npz, JSON", stops=True, devices=("cpu", "cuda")),
)
