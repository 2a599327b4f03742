"""A recurrent net over a car's last five green laps, on what a linear model leaves of a number, with quantiles that widen where errors do."""

from __future__ import annotations

from pitwall.ml.estimators._estimator import Traits
from pitwall.ml.estimators.regression._learned import Parts
from pitwall.ml.estimators.shared.learners.sequence_net import SequenceNet
from pitwall.ml.estimators.shared.learners.space import Real, Whole

LAPS = tuple(f"green_diff_{back}" for back in range(5, 0, -1))  # oldest first

# What the laps of 2018 to 2022 chose: small steps and much decay, or it knows the seasons by heart after a few epochs.
ESTIMATOR = Parts(
    name="lap_sequence",
    learner=SequenceNet(laps=LAPS, stint="stint_green_laps"),
    defaults={"hidden": 48, "rate": 0.001, "decay": 1.0},
    ranges={
        "hidden": Whole(16, 64, log=True),
        "rate": Real(0.0003, 0.003, log=True),
        "decay": Real(0.1, 10.0, log=True),
    },
    traits=Traits("npz, JSON", stops=True, devices=("cpu", "cuda")),
    models=("lap_time", "gap", "gap_in_5"),
)
