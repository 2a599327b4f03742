"""What a team's car is worth: the team's half of the dynamic ratings, kept across renames."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.ratings import READS, RatingSettings, ratings
from pitwall.features.machinery.shared.states import per_constructor

NONE = "no such session yet, or none since the first rated season"
NAMES = {
    "race": "team_race_rating",
    "race_sd": "team_race_sd",
    "pace": "team_pace_rating",
    "qualifying": "team_qualifying_rating",
    "practice": "team_practice_rating",
}


def compute(tables: Tables, settings: RatingSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each session of its team, and one at each season's start."""
    rated = per_constructor(ratings(tables, settings, side=1), tables)
    return rated.rename(columns=NAMES)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_rating",
    entities=("constructor",),
    reads=READS,
    features=(
        Feature("team_race_rating", "score sd", "team's part of the strength in races, from their orders", NONE),
        Feature("team_race_sd", "score sd", "how uncertain the race rating is (standard deviation)", NONE),
        Feature("team_pace_rating", "%", "team's part of the pace in races, from fastest laps", NONE),
        Feature("team_qualifying_rating", "%", "team's part of the pace in qualifying", NONE),
        Feature("team_practice_rating", "%", "team's part of the pace in practice", NONE),
    ),
    compute=compute,
    Settings=RatingSettings,
    sets=("order", "team", "dnf", "in_race"),
)
