"""What kind of circuit it is, from the data alone: how fast the cars go on its longest straight, among the circuits known.

The class of a circuit is a value with a date like any other: cars change, layouts change, and what is known of a circuit
is its last race. A fast straight is a power circuit, a slow one asks for downforce.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.green import READS
from pitwall.features.machinery.shared.race_laps import circuit_speeds
from pitwall.features.machinery.shared.states import cumulative_known

NEVER = "no race with measured speeds was held at the circuit yet (none before 2018)"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there that has laps."""
    rows = circuit_speeds(tables).rename(columns={"speed": "circuit_trap_speed", "rank": "circuit_power_rank"})
    rows["known_at"] = cumulative_known(rows.assign(all=0), ["all"])  # the rank is made of races elsewhere
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_class",
    entities=("circuit",),
    reads=("races", "results", *READS),
    features=(
        Feature(
            "circuit_trap_speed",
            "km/h",
            "median speed on the longest straight over the green laps of the last race there",
            NEVER,
        ),
        Feature(
            "circuit_power_rank",
            "share",
            "share of the circuits raced at so far with a lower trap speed, each by its last race: 1 is the fastest straight",
            NEVER,
        ),
    ),
    compute=compute,
    sets=("circuit", "tyre_degradation"),
)
