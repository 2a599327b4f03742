"""What a driver is worth apart from the car: the driver's half of the dynamic ratings."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features._group import Feature, FeatureGroup
from pitwall.features._ratings import TwinSettings, ratings


def compute(tables: Tables, settings: TwinSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each qualifying and race, and one at the start of each season."""
    names = {"race": "driver_race_rating", "qualifying": "driver_qualifying_rating"}
    return ratings(tables, settings, side=0).rename(columns=names)[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_rating",
    entities=("driver",),
    reads=("races", "results", "qualifying", "grid", "constructors"),
    features=(
        Feature("driver_race_rating", "logit", "driver's part of the strength in races", "has not started a race yet"),
        Feature(
            "driver_qualifying_rating", "logit", "driver's part of the strength in qualifying", "has not qualified yet"
        ),
    ),
    compute=compute,
    Settings=TwinSettings,
)
