"""Whether a driver loses races more often than the field: retirements, accidents and breakdowns beside those expected of anyone."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import KINDS, READS, FieldSettings, cars, ratios

KEY = "driver_id"
NO_RACE = "has not started a race yet"


class Settings(FieldSettings):
    """`decay` per race of the driver; `weight` races at the field's rate are assumed seen, so a short record says little."""

    decay: float = 0.98
    weight: float = 20.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race that they started."""
    rows = cars(tables, settings)
    expected = {f"{kind}_expected": rows[f"{kind}_before"] for kind in KINDS}
    rows[GROUP.names] = ratios(rows.assign(**expected), KEY, settings.decay, settings.weight)
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_attrition",
    entities=("driver",),
    reads=READS,
    features=(
        Feature("driver_retired_ratio", "ratio", "retirements over those of the field in the same races", NO_RACE),
        Feature("driver_accident_ratio", "ratio", "the same of accidents, collisions and spins", NO_RACE),
        Feature("driver_breakdown_ratio", "ratio", "the same of every other cause, also where none is told", NO_RACE),
    ),
    compute=compute,
    Settings=Settings,
    sets=("driver", "dnf"),
)
