"""What races at a circuit have been like: how many were held, how many cars dropped out, how much the order changed."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import starters_with_grid
from pitwall.features.machinery.shared.states import cumulative_known, rolling_mean

KEY = "circuit_id"
NEVER = "no race was held at the circuit yet"
MEANS = {"circuit_dnf_rate": "retirement", "circuit_overtaking": "moved", "circuit_pole_win_rate": "pole_won"}


class Settings(Section):
    """How many of the last races at a circuit the rates are taken over: layouts change."""

    window: int = 10


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there."""
    cars = starters_with_grid(tables).merge(tables["races"][["race_id", KEY]], on="race_id")
    cars["retirement"] = cars["retired"].astype("float64")
    cars["moved"] = (cars["grid"] - cars["place"]).abs().where(cars["classified"])
    cars["pole_won"] = (cars["place"] == 1).astype("float64").where(cars["grid"] == 1)
    rows = cars.groupby(["event_timestamp", "race_id", KEY], as_index=False).agg(
        known_at=("known_at", "max"), **{name: (column, "mean") for name, column in MEANS.items()}
    )
    for name in MEANS:
        rows[name] = rolling_mean(rows, KEY, name, settings.window)
    rows["circuit_races_held"] = rows.groupby(KEY).cumcount() + 1.0
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_history",
    entities=("circuit",),
    reads=("races", "results", "grid"),
    features=(
        Feature("circuit_races_held", "races", "races held at the circuit so far", NEVER),
        Feature("circuit_dnf_rate", "share", "share of cars that retired, mean of its last `window` races", NEVER),
        Feature(
            "circuit_overtaking",
            "places",
            "mean distance between starting slot and place of classified cars, mean of its last `window` races",
            NEVER,
        ),
        Feature("circuit_pole_win_rate", "share", "share of its last `window` races won from the first slot", NEVER),
    ),
    compute=compute,
    Settings=Settings,
    sets=("circuit",),
    reach="entity",
)
