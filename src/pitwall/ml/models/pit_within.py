"""Whether a car comes into the pits within the next three laps, at the instant at which it has ended a lap."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="pit_within",
    family="binary",
    rows="lap",
    feature_set="pit",
    summary="says how likely a Formula 1 car is to come into the pits within the next three laps",
    settings=ModelParams(
        estimator="xgboost",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=3, startup_trials=1),
        gates={"size_mb": 20.0},
    ),
)
