"""How wet the races at a circuit have been, by the tyres that were driven on."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.race_conditions import wet_shares
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.race_laps import races_with_laps
from pitwall.features.machinery.shared.states import cumulative_known

KEY = "circuit_id"
NAME = "circuit_wet_lap_share"


class Settings(Section):
    """Races of the share `prior` of wet laps that are assumed seen at a circuit: a few visits are mostly luck."""

    prior: float = 0.07
    weight: float = 4.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there of which a tyre is known."""
    rows = races_with_laps(tables)
    rows["share"] = rows["race_id"].map(wet_shares(tables["laps"])).astype("float64")
    rows = rows[rows["share"].notna()].reset_index(drop=True)
    held = rows.groupby(KEY)["share"]
    wet = held.cumsum() + settings.weight * settings.prior
    rows[NAME] = wet / (held.cumcount() + 1 + settings.weight)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_rain",
    entities=("circuit",),
    reads=("races", "results", "laps"),
    features=(
        Feature(
            NAME,
            "share",
            "mean share of laps on rain tyres in the races there so far, drawn to `prior`",
            "no race with laps was held at the circuit yet (none before 2018)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("rain_impact",),
)
