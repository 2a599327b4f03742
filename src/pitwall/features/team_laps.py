"""How a team's cars go in the laps of races, apart from their drivers: the team's half of the lap ratings.

A team is a lineage; the state stands under the id of each of its constructors.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.laps import LAP_OBSERVATIONS, LAP_READS
from pitwall.features.machinery.shared.ratings import RatingSettings, ratings
from pitwall.features.machinery.shared.states import per_constructor

NONE = "no race yet, or none since the first rated season"
NAMES = {
    "running": "team_running_rating",
    "running_sd": "team_running_sd",
    "lap_pace": "team_lap_pace_rating",
    "lap_pace_sd": "team_lap_pace_sd",
}


def compute(tables: Tables, settings: RatingSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team, and one at the start of each season."""
    rated = per_constructor(ratings(tables, settings, side=1, observations=LAP_OBSERVATIONS), tables)
    return rated.rename(columns=NAMES)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_laps",
    entities=("constructor",),
    reads=LAP_READS,
    features=(
        Feature("team_running_rating", "score sd", "team's part of the strength in races, from running places", NONE),
        Feature("team_running_sd", "score sd", "how uncertain the running rating is (standard deviation)", NONE),
        Feature("team_lap_pace_rating", "%", "team's part of the pace in races, from the quick laps", NONE),
        Feature("team_lap_pace_sd", "%", "how uncertain the lap pace rating is (standard deviation)", NONE),
    ),
    compute=compute,
    Settings=RatingSettings,
    sets=("order", "team", "in_race"),
)
