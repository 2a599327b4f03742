"""When a car stops for the first time: early, mid or late in the race; the tyres that it starts on are known."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Seasons 2020 to 2022 chose symmetric trees over others and over the line, ten features over seven and over twenty, and to learn from
# 2019 on: in 2018 compounds had seven names, of which `SOFT` was often the middle one. A fit takes less than a second.
MODEL = Model(
    name="pit_window",
    family="multiclass",
    rows="race_driver",
    feature_set="pit_window",
    summary="says in which part of a Formula 1 race each car makes its first stop",
    settings=ModelParams(
        estimator="catboost",
        first_season=2019,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
)
