"""When a car stops for the first time: early, mid or late in the race; the tyres that it starts on are known."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="pit_window",
    family="multiclass",
    rows="race_driver",
    feature_set="pit_window",
    summary="says in which part of a Formula 1 race each car makes its first stop",
    settings=ModelParams(
        estimator="logistic",
        first_season=2018,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
)
