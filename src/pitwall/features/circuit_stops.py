"""When cars have stopped at a circuit: how far into its races the first stop came, and how many stops there were."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.first_stops import CAR, first_stops, windows
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.states import cumulative_known, rolling_mean, starters

KEY = "circuit_id"
NEVER = "no race whose stops are recorded was held at the circuit yet (none before 2011)"
MEANS = {
    "circuit_first_stop": "share",
    "circuit_early_stop_rate": "early",
    "circuit_late_stop_rate": "late",
    "circuit_stops_per_car": "stops",
}


class Settings(Section):
    """How many of the last races at a circuit count: tyres and rules change."""

    window: int = 4


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there."""
    stops = tables["pit_stops"].groupby(CAR, as_index=False).size().rename(columns={"size": "stops"})
    cars = starters(tables).merge(first_stops(tables), on=CAR, how="left").merge(stops, on=CAR, how="left")
    window = windows(cars["share"])
    for name in ("early", "late"):
        cars[name] = (window == name).astype("float64").where(cars["share"].notna())
    races = cars.groupby(["event_timestamp", "race_id"], as_index=False).agg(
        known_at=("known_at", "max"), **{name: (column, "mean") for name, column in MEANS.items()}
    )
    rows = races.merge(tables["races"][["race_id", KEY]], on="race_id")
    rows = rows.sort_values(["event_timestamp", "race_id"], ignore_index=True)
    told = rows["race_id"].map(tables["pit_stops"].groupby("race_id")["known_at"].max())
    rows["known_at"] = rows["known_at"].where(~(told > rows["known_at"]), told)
    for name in MEANS:
        rows[name] = rolling_mean(rows, KEY, name, settings.window)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_stops",
    entities=("circuit",),
    reads=("races", "results", "pit_stops"),
    features=(
        Feature(
            "circuit_first_stop",
            "share",
            "mean share of the distance before a car's first stop, in its last `window` races",
            NEVER,
        ),
        Feature("circuit_early_stop_rate", "share", "share of first stops before 28 % of the distance", NEVER),
        Feature("circuit_late_stop_rate", "share", "share of first stops after 42 % of the distance", NEVER),
        Feature("circuit_stops_per_car", "stops", "mean number of stops of cars that stopped", NEVER),
    ),
    compute=compute,
    Settings=Settings,
    sets=("pit_window",),
    reach="entity",
)
