"""How a driver has done at a circuit: their places there and how often they raced there."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.states import cumulative_known, starters

KEYS = ["driver_id", "circuit_id"]
NEVER = "has not started a race at the circuit yet"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver and circuit after each race they started there."""
    rows = starters(tables).merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    place = rows["place"].astype("float64")
    visit = [rows[key] for key in KEYS]
    finish = place.where(rows["classified"]).groupby(visit)
    rows["track_experience_races"] = rows.groupby(KEYS).cumcount() + 1.0
    rows["avg_position_at_track"] = place.groupby(visit).cumsum() / rows["track_experience_races"]
    rows["best_finish_at_track"] = finish.cummin().groupby(visit).ffill()
    rows["known_at"] = cumulative_known(rows, KEYS)
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_circuit",
    entities=("driver", "circuit"),
    reads=("races", "results"),
    features=(
        Feature("avg_position_at_track", "place", "mean place at the circuit, retirements as classified", NEVER),
        Feature("best_finish_at_track", "place", "best classified place at the circuit", "never classified there yet"),
        Feature("track_experience_races", "races", "races started at the circuit so far", NEVER),
    ),
    compute=compute,
    sets=("driver", "circuit"),
    reach="entity",
)
