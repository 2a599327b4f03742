"""Who scores points? P(points) is the sum of the places that score in the race's season."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.racing.championship import points_places
from pitwall.domain.tables import Tables
from pitwall.ml.templates._template import Template, up_to, within


def _label(tables: Tables) -> pd.Series:
    return within(tables, points_places)


def _probability(predictions: pd.DataFrame) -> pd.Series:
    return up_to(predictions, points_places)


TEMPLATE = Template(
    name="points",
    model="order",
    question="Who scores points?",
    stages=("pre_race", "pre_weekend"),
    label=_label,
    probability=_probability,
    cars=points_places,
    loss="brier",
    metrics=("brier", "overlap"),
    baselines=("grid_frequency", "championship_order"),
    baseline="grid_frequency",
)
