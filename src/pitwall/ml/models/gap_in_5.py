"""The gap of a car to the leader at the end of the fifth lap from now, with quantiles, at the instant at which the car has ended a lap."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# A fit reads a hundred thousand laps: a few trials near what earlier seasons chose find what there is to find.
TRIALS = 3
# Beside a megabyte of trees lies what they said of a hundred thousand laps out of sample.
SIZE_MB = 20.0

MODEL = Model(
    name="gap_in_5",
    family="regression",
    rows="lap",
    feature_set="gap",
    summary="says how far behind the leader a Formula 1 car ends the fifth lap from now",
    start="gap_five_laps",
    settings=ModelParams(
        estimator="xgboost",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=TRIALS, startup_trials=1),
        gates={"size_mb": SIZE_MB},
    ),
)
