"""How much rain matters in a race, by the share of laps on rain tyres."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="rain_impact",
    family="multiclass",
    rows="race",
    feature_set="rain_impact",
    summary="says how much rain matters in a Formula 1 race",
    optional=("weather_forecast",),  # the Ergast dump has none
    settings=ModelParams(
        estimator="logistic",
        first_season=2018,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
)
