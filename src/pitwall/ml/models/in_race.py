"""Who wins and who stands on the podium, told again at every lap of the leader, all cars of the race together."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="in_race",
    family="first_three",
    rows="race_lap",
    feature_set="in_race",
    summary="says at every lap of the leader how likely each Formula 1 car is to win and to finish on the podium",
    settings=ModelParams(
        estimator="staged_logit",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=3, startup_trials=1),
        gates={"size_mb": 20.0},
    ),
    columns={"winner log loss": ("race_winner_live", "log_loss"), "podium Brier": ("podium_live", "brier")},
)
