"""What a team's car is worth: the team's half of the dynamic ratings, kept across renames."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features._group import Feature, FeatureGroup
from pitwall.features._ratings import TwinSettings, ratings
from pitwall.features._states import per_constructor


def compute(tables: Tables, settings: TwinSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each qualifying and race of its team, and one at each season's start."""
    names = {"race": "team_race_rating", "qualifying": "team_qualifying_rating"}
    return per_constructor(ratings(tables, settings, side=1), tables).rename(columns=names)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_rating",
    entities=("constructor",),
    reads=("races", "results", "qualifying", "grid", "constructors"),
    features=(
        Feature("team_race_rating", "logit", "team's part of the strength in races", "the team has not raced yet"),
        Feature(
            "team_qualifying_rating", "logit", "team's part of the strength in qualifying", "has not qualified yet"
        ),
    ),
    compute=compute,
    Settings=TwinSettings,
)
