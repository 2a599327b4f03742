"""The order of the cars by their best lap in a race, from one distribution of places per car."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Fastest laps are recorded from 2004 on.
MODEL = Model(
    name="fastest_lap",
    family="order",
    rows="race_driver",
    feature_set="order",
    summary="orders the cars of a Formula 1 race by their best lap",
    lead="From one distribution of ranks by best lap it answers",
    place="rank by best lap",
    settings=ModelParams(
        estimator="pace_logit",
        first_season=2004,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
    columns={
        "log loss": ("fastest_lap", "log_loss"),
        "hit": ("fastest_lap", "hit_rate"),
        "among the first three": ("fastest_lap", "top3_hit"),
        "Spearman": ("fastest_lap", "spearman"),
    },
)
