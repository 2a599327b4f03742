"""How a driver has been doing: places, gains, retirements, points and pace over the last races they started."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import points_share, season_pace, starters_with_grid
from pitwall.features.machinery.shared.states import carried, resets, rolling_mean

KEY = "driver_id"
NO_RACE = "has not started a race yet"


class Settings(Section):
    """Windows in races."""

    window: int = 5
    reliability_window: int = 10


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race, and one at the start of the next season, when pace begins anew."""
    rows = starters_with_grid(tables)
    rows["gain"] = rows["grid"] - rows["place"]
    rows["retirement"] = rows["retired"].astype("float64")
    rows["share"] = points_share(rows)
    rows["driver_place_mean"] = rolling_mean(rows, KEY, "place", settings.window)
    rows["driver_last_place"] = rows["place"].astype("float64")
    rows["driver_grid_mean"] = rolling_mean(rows, KEY, "grid", settings.window)
    rows["driver_gain_mean"] = rolling_mean(rows, KEY, "gain", settings.window)
    rows["driver_points_share"] = rolling_mean(rows, KEY, "share", settings.window)
    rows["driver_retired_rate"] = rolling_mean(rows, KEY, "retirement", settings.reliability_window)
    rows["driver_pace_season"] = season_pace(rows, KEY)
    rows["driver_starts"] = rows.groupby(KEY).cumcount() + 1.0
    lasting = [name for name in GROUP.names if name != "driver_pace_season"]
    return carried([rows[GROUP.columns], resets(rows, KEY, tables)], [KEY], lasting)


GROUP = FeatureGroup(
    name="driver_form",
    entities=("driver",),
    reads=("races", "results", "grid"),
    features=(
        Feature("driver_place_mean", "place", "mean place over the last `window` races, retirements included", NO_RACE),
        Feature("driver_last_place", "place", "place in the last race, retirements included", NO_RACE),
        Feature("driver_grid_mean", "slot", "mean starting slot over the last `window` races", NO_RACE),
        Feature("driver_gain_mean", "places", "mean of starting slot less place over the last `window` races", NO_RACE),
        Feature("driver_points_share", "share", "mean share of a race's points over the last `window` races", NO_RACE),
        Feature("driver_retired_rate", "share", "share of retirements in the last `reliability_window` races", NO_RACE),
        Feature(
            "driver_pace_season",
            "%",
            "mean gap of the own fastest lap to the race's over the season so far",
            "no fastest lap recorded in the season so far (none before 2004)",
        ),
        Feature("driver_starts", "races", "races started so far", NO_RACE),
    ),
    compute=compute,
    Settings=Settings,
    sets=("order", "driver", "dnf"),
    reach="entity",
)
