"""Whether a safety car comes out within the next five laps, told at every lap of the leader. A virtual one is none."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="safety_car_soon",
    family="binary",
    rows="track_lap",
    feature_set="track",
    summary="says at every lap of the leader how likely a safety car is to come out within the next five laps of a Formula 1 race",
    settings=ModelParams(
        estimator="logistic",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=3, startup_trials=1),
    ),
)
