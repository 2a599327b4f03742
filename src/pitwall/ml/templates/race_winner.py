"""Who wins the race? P(win) is the first column of the order model's position distribution."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.templates._template import Template, up_to, within


def _cars(_season: int) -> int:
    return 1


def _label(tables: Tables) -> pd.Series:
    return within(tables, _cars)


def _probability(predictions: pd.DataFrame) -> pd.Series:
    return up_to(predictions, _cars)


TEMPLATE = Template(
    name="race_winner",
    model="order",
    question="Who wins the race?",
    stages=("pre_race", "pre_weekend"),
    label=_label,
    probability=_probability,
    cars=_cars,
    loss="log_loss",
    metrics=("log_loss", "hit_rate", "brier"),
    baselines=("grid_frequency", "championship_order"),
    baseline="grid_frequency",
)
