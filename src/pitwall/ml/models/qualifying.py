"""The order of qualifying, before penalties, from one distribution of places per car."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Qualifying is recorded without gaps from 2003 on. Seasons 2008 to 2014 chose the stack: its pole loses least at both stages.
MODEL = Model(
    name="qualifying",
    family="order",
    rows="race_driver",
    feature_set="order",
    summary="orders the cars in the qualifying of a Formula 1 race",
    lead="From one distribution of qualifying places it answers",
    place="place in qualifying",
    settings=ModelParams(
        estimator="stack",
        first_season=2003,
        stages=(Stage.PRE_QUALIFYING.value, Stage.PRE_WEEKEND.value),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
    columns={
        "pole log loss": ("qualifying", "log_loss"),
        "pole hit": ("qualifying", "pole_hit"),
        "within 2 places": ("qualifying", "within_2"),
        "Spearman": ("qualifying", "spearman"),
    },
)
