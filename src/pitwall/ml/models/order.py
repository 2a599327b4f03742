"""The finishing order of a race, from one distribution of places per car."""

from __future__ import annotations

from pitwall.ml.models._model import Model

MODEL = Model(
    name="order",
    family="order",
    rows="race_driver",
    feature_set="order",
    summary="orders the cars of a Formula 1 race",
    lead="From one distribution of finishing places it answers",
    does="From one distribution of finishing places of every car it answers",
    limits=(
        "Publication times before the live feed are assumed by rule, and penalties weeks after a race count as its result.",
        "Chances of different races are independent draws here; a car that is weak all season errs in one direction.",
    ),
    columns={
        "winner log loss": ("race_winner", "log_loss"),
        "winner hit": ("race_winner", "hit_rate"),
        "podium Brier": ("podium", "brier"),
        "points overlap": ("points", "overlap"),
        "Spearman": ("order", "spearman"),
    },
)
