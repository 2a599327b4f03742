"""Where a constructor stands in this season's championship; a new season begins with nulls.

The standing belongs to the constructor and not to its lineage: a team that is sold in mid-season starts from nothing.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.states import carried, resets

KEY = "constructor_id"
NO_RACE = "before the season's first race, or not in the table (none before 1958)"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race, and a null row at the start of the next season."""
    rows = tables["constructor_standings"].merge(tables["races"][["race_id", "season"]], on="race_id")
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    leader = rows.groupby("race_id")["points"].transform("max")
    rows["constructor_position"] = rows["place"].astype("float64")
    rows["constructor_points_share"] = rows["points"] / leader.where(leader > 0)
    return carried([rows[GROUP.columns], resets(rows, KEY, tables)], [KEY], [])[GROUP.columns]


GROUP = FeatureGroup(
    name="team_standing",
    entities=("constructor",),
    reads=("races", "constructor_standings"),
    features=(
        Feature(
            "constructor_position",
            "place",
            "place in the constructors' championship after the season's last race",
            NO_RACE,
        ),
        Feature("constructor_points_share", "share", "points as a share of the leader's", NO_RACE),
    ),
    compute=compute,
    sets=("team",),
    reach="entity",
)
