"""What a driver is worth apart from the car: the driver's half of the dynamic ratings."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.ratings import READS, RatingSettings, ratings

NONE = "no such session yet, or none since the first rated season"
NAMES = {
    "race": "driver_race_rating",
    "race_sd": "driver_race_sd",
    "pace": "driver_pace_rating",
    "qualifying": "driver_qualifying_rating",
    "practice": "driver_practice_rating",
}


def compute(tables: Tables, settings: RatingSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each session, and one at the start of each season."""
    rated = ratings(tables, settings, side=0)
    return rated.rename(columns=NAMES)[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_rating",
    entities=("driver",),
    reads=READS,
    features=(
        Feature("driver_race_rating", "score sd", "driver's part of the strength in races, from their orders", NONE),
        Feature("driver_race_sd", "score sd", "how uncertain the race rating is (standard deviation)", NONE),
        Feature("driver_pace_rating", "%", "driver's part of the pace in races, from fastest laps", NONE),
        Feature("driver_qualifying_rating", "%", "driver's part of the pace in qualifying", NONE),
        Feature("driver_practice_rating", "%", "driver's part of the pace in practice", NONE),
    ),
    compute=compute,
    Settings=RatingSettings,
    sets=("order", "driver", "dnf", "in_race"),
)
