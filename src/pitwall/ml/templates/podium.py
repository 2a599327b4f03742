"""Who stands on the podium? P(podium) is the sum of the first three places of the order model's distribution."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.racing.championship import PODIUM
from pitwall.domain.tables import Tables
from pitwall.ml.templates._template import Template, up_to, within


def _cars(_season: int) -> int:
    return PODIUM


def _label(tables: Tables) -> pd.Series:
    return within(tables, _cars)


def _probability(predictions: pd.DataFrame) -> pd.Series:
    return up_to(predictions, _cars)


TEMPLATE = Template(
    name="podium",
    model="order",
    question="Who stands on the podium?",
    stages=("pre_race", "pre_weekend"),
    label=_label,
    probability=_probability,
    cars=_cars,
    loss="brier",
    metrics=("brier", "overlap"),
    baselines=("grid_frequency", "championship_order"),
    baseline="grid_frequency",
)
