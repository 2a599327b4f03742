"""What interrupts races at a circuit: safety cars, red flags and rain, counted after each race with a live feed."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.rain import wet_races
from pitwall.domain.tables import Tables
from pitwall.features._group import Feature, FeatureGroup
from pitwall.features._race_laps import finished_races
from pitwall.features._states import cumulative_known, rolling_mean

KEY = "circuit_id"
NEVER = "no race with a live feed was held at the circuit yet (none before 2018)"
STATUS = {"circuit_safety_car_rate": "4", "circuit_red_flag_rate": "5", "circuit_vsc_rate": "6"}


class Settings(Section):
    """How many of the last races at a circuit the rates are taken over."""

    window: int = 5


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there that has laps."""
    rows = finished_races(tables)
    messages = tables["track_status"]
    messages = messages[messages["seconds"] >= 0]
    told = rows["race_id"].isin(tables["track_status"]["race_id"])
    for name, status in STATUS.items():
        seen = rows["race_id"].isin(messages.loc[messages["status"] == status, "race_id"])
        rows[name] = seen.astype("float64").where(told)
    rows["circuit_wet_rate"] = rows["race_id"].map(wet_races(tables["laps"])).astype("float64")
    for name in GROUP.names:
        rows[name] = rolling_mean(rows, KEY, name, settings.window)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_events",
    entities=("circuit",),
    reads=("races", "results", "laps", "track_status"),
    features=(
        Feature("circuit_safety_car_rate", "share", "share of its last `window` races with a safety car", NEVER),
        Feature("circuit_vsc_rate", "share", "share of its last `window` races with a virtual safety car", NEVER),
        Feature("circuit_red_flag_rate", "share", "share of its last `window` races that were stopped", NEVER),
        Feature(
            "circuit_wet_rate",
            "share",
            "share of its last `window` races with more than 1 % of laps on rain tyres",
            NEVER,
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("circuit",),
    reach="entity",
)
