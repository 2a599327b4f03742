"""The order of qualifying, before penalties, from one distribution of places per car."""

from __future__ import annotations

from pitwall.domain.params import ModelParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Qualifying is recorded without gaps from 2003 on.
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
    ),
    columns={
        "pole log loss": ("qualifying", "log_loss"),
        "pole hit": ("qualifying", "pole_hit"),
        "within 2 places": ("qualifying", "within_2"),
        "Spearman": ("qualifying", "spearman"),
    },
)
