"""A driver's last races in plain numbers: places, gains and points of the last few, retirements of the season."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import last_values, starters_with_grid
from pitwall.features.machinery.shared.states import carried, resets, rolling_mean

KEY = "driver_id"
NO_RACE = "has not started a race yet"
PLACES, POINTS = 5, 3  # races; the names of the features say so


class Settings(Section):
    """The names hold the windows in which places and points are counted; only the one of gains is free, in races."""

    gain_window: int = 5


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race, and one at the start of the next season, when its rate begins anew."""
    rows = starters_with_grid(tables)
    rows["gain"] = rows["grid"] - rows["place"]
    rows["retirement"] = rows["retired"].astype("float64")
    rows["avg_race_position_last_5"] = rolling_mean(rows, KEY, "place", PLACES)
    rows["avg_positions_gained"] = rolling_mean(rows, KEY, "gain", settings.gain_window)
    rows["points_last_3_races"] = pd.DataFrame(last_values(rows, KEY, "points", POINTS), index=rows.index).sum(axis=1)
    of_season = rows.groupby([KEY, "season"])["retirement"]
    rows["dnf_rate_season"] = of_season.cumsum() / (of_season.cumcount() + 1)
    lasting = [name for name in GROUP.names if name != "dnf_rate_season"]
    return carried([rows[GROUP.columns], resets(rows, KEY, tables)], [KEY], lasting)[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_recent",
    entities=("driver",),
    reads=("races", "results", "grid"),
    features=(
        Feature(
            "avg_race_position_last_5", "place", "mean place over the last 5 races, retirements as classified", NO_RACE
        ),
        Feature(
            "avg_positions_gained",
            "places",
            "mean of starting slot less place over the last `gain_window` races",
            "has not started a race yet, or no slot is recorded for the last races",
        ),
        Feature("points_last_3_races", "points", "points of the last 3 races, sprints apart", NO_RACE),
        Feature(
            "dnf_rate_season",
            "share",
            "share of the season's races started that ended in a retirement",
            "has not started a race of the season yet",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("driver",),
    reach="entity",
)
