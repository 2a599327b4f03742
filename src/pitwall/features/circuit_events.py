"""What interrupts races at a circuit: safety cars, red flags and rain, counted after each race.

The live feed tells them since 2018; before it, and without laps, the list of race control in the results does.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.race_conditions import wet_races
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.race_laps import finished_races
from pitwall.features.machinery.shared.states import cumulative_known, rolling_mean

KEY = "circuit_id"
NEVER = "no race of which the interruptions are recorded was held at the circuit yet"
DRY_OR_UNKNOWN = "no race with laps was held at the circuit yet (none before 2018)"
KINDS = {
    "circuit_safety_car_rate": ("4", "safety_car"),
    "circuit_red_flag_rate": ("5", "red_flag"),
    "circuit_vsc_rate": ("6", "virtual_safety_car"),
}


class Settings(Section):
    """How many of the last races at a circuit the rates are taken over."""

    window: int = 5


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there."""
    rows = finished_races(tables)
    for name, (status, kind) in KINDS.items():
        rows[name] = _in_feed(rows, tables, status).fillna(_in_list(rows, tables, kind))
    rows["circuit_wet_rate"] = rows["race_id"].map(wet_races(tables["laps"])).astype("float64")
    for name in GROUP.names:
        rows[name] = rolling_mean(rows, KEY, name, settings.window)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


def _in_feed(races: pd.DataFrame, tables: Tables, status: str) -> pd.Series:
    """Return 1 where the live feed told a status during the race, NaN where there was no feed."""
    messages = tables["track_status"]
    during = messages[(messages["seconds"] >= 0) & (messages["status"] == status)]
    told = races["race_id"].isin(messages["race_id"])
    return races["race_id"].isin(during["race_id"]).astype("float64").where(told)


def _in_list(races: pd.DataFrame, tables: Tables, kind: str) -> pd.Series:
    """Return 1 where the list names the race; 0 where it does not, from its first entry on, NaN before."""
    told = tables["race_control"]
    told = told[told["kind"] == kind]
    recorded = races["event_timestamp"] >= told["event_timestamp"].min()
    return races["race_id"].isin(told["race_id"]).astype("float64").where(recorded)


GROUP = FeatureGroup(
    name="circuit_events",
    entities=("circuit",),
    reads=("races", "results", "laps", "track_status", "race_control"),
    features=(
        Feature("circuit_safety_car_rate", "share", "share of its last `window` races with a safety car", NEVER),
        Feature("circuit_vsc_rate", "share", "share of its last `window` races with a virtual safety car", NEVER),
        Feature("circuit_red_flag_rate", "share", "share of its last `window` races that were stopped", NEVER),
        Feature(
            "circuit_wet_rate",
            "share",
            "share of its last `window` races with more than 1 % of laps on rain tyres",
            DRY_OR_UNKNOWN,
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("circuit",),
)
