"""How a driver goes in the laps of races, apart from the car: the driver's half of the lap ratings."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.laps import LAP_OBSERVATIONS, LAP_READS
from pitwall.features.machinery.shared.ratings import RatingSettings, ratings

NONE = "no race yet, or none since the first rated season"
NAMES = {
    "running": "driver_running_rating",
    "running_sd": "driver_running_sd",
    "lap_pace": "driver_lap_pace_rating",
    "lap_pace_sd": "driver_lap_pace_sd",
}


def compute(tables: Tables, settings: RatingSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race, and one at the start of each season."""
    rated = ratings(tables, settings, side=0, observations=LAP_OBSERVATIONS)
    return rated.rename(columns=NAMES)[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_laps",
    entities=("driver",),
    reads=LAP_READS,
    features=(
        Feature(
            "driver_running_rating", "score sd", "driver's part of the strength in races, from running places", NONE
        ),
        Feature("driver_running_sd", "score sd", "how uncertain the running rating is (standard deviation)", NONE),
        Feature("driver_lap_pace_rating", "%", "driver's part of the pace in races, from the quick laps", NONE),
        Feature("driver_lap_pace_sd", "%", "how uncertain the lap pace rating is (standard deviation)", NONE),
    ),
    compute=compute,
    Settings=RatingSettings,
    sets=("order", "driver", "in_race"),
)
