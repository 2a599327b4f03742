"""Where a driver stands in this season's championship; a new season begins with nulls."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.states import carried, resets

KEY = "driver_id"
NO_RACE = "before the season's first race, or not in the table yet"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race, and a null row at the start of the next season."""
    rows = tables["driver_standings"].merge(tables["races"][["race_id", "season"]], on="race_id")
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    leader = rows.groupby("race_id")["points"].transform("max")
    rows["championship_place"] = rows["place"].astype("float64")
    rows["championship_points_share"] = rows["points"] / leader.where(leader > 0)
    return carried([rows[GROUP.columns], resets(rows, KEY, tables)], [KEY], [])[GROUP.columns]


GROUP = FeatureGroup(
    name="championship",
    entities=("driver",),
    reads=("races", "driver_standings"),
    features=(
        Feature(
            "championship_place", "place", "place in the drivers' championship after the season's last race", NO_RACE
        ),
        Feature("championship_points_share", "share", "points as a share of the leader's", NO_RACE),
    ),
    compute=compute,
    sets=("order", "driver"),
    reach="entity",
)
