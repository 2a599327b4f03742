"""Whether a circuit brings out the safety car: its races with one beside those that all races of the time would have had.

`circuit_events` counts the last races there; here a long memory that is drawn to the rate of all races, because a circuit has
one race a year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import faded_sums
from pitwall.features.machinery.shared.safety_car_rates import READS, RateSettings, safety_car_races

KEY = "circuit_id"


class Settings(RateSettings):
    """`decay` per race at the circuit; `weight` races at the rate of all races are assumed seen."""

    decay: float = 0.93
    weight: float = 12.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there of which it is known whether a safety car came out."""
    rows = safety_car_races(tables, settings)
    values = rows[["out", "before"]].to_numpy(np.float64)
    sums = faded_sums(rows[KEY].to_numpy(np.int64), values, settings.decay)
    assumed = settings.weight * rows["after"].to_numpy(np.float64)
    rows["circuit_safety_car_ratio"] = (sums[:, 0] + assumed) / (sums[:, 1] + assumed)
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_safety_car",
    entities=("circuit",),
    reads=READS,
    features=(
        Feature(
            "circuit_safety_car_ratio",
            "ratio",
            "races there with a safety car over those expected of all races of the time, drawn to 1",
            "no race of which it is known was held at the circuit yet (none before 1993)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("circuit", "safety_car"),
)
