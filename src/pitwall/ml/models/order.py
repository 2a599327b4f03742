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
)
