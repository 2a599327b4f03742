"""The time of the next green lap of a car, with quantiles, at the instant at which it has ended the lap before."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# A fit reads tens of thousands of laps: a few trials near what earlier seasons chose find what there is to find.
TRIALS = 3
# Beside half a megabyte of trees lies what they said of a hundred thousand laps out of sample.
SIZE_MB = 20.0

MODEL = Model(
    name="lap_time",
    family="regression",
    rows="lap",
    feature_set="lap_time",
    summary="says how long the next lap of a Formula 1 car takes",
    settings=ModelParams(
        estimator="xgboost",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=TRIALS, startup_trials=1),
        gates={"size_mb": SIZE_MB},
    ),
)
