"""Whether a circuit breaks cars: retirements, accidents and breakdowns there beside those that the field had elsewhere at the time."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import KINDS, READS, FieldSettings, cars, ratios, totals

KEY = "circuit_id"
NEVER = "no race was held at the circuit yet"


class Settings(FieldSettings):
    """`decay` per race at the circuit; `weight` cars at the field's rate are assumed seen, three races' worth."""

    decay: float = 0.93
    weight: float = 60.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there."""
    rows = cars(tables, settings)
    expected = {f"{kind}_expected": rows[f"{kind}_before"] for kind in KINDS}
    races = totals(rows.assign(**expected), [KEY], [*KINDS, *expected])
    races[GROUP.names] = ratios(races, KEY, settings.decay, settings.weight)
    return races[GROUP.columns]


GROUP = FeatureGroup(
    name="circuit_attrition",
    entities=("circuit",),
    reads=READS,
    features=(
        Feature("circuit_retired_ratio", "ratio", "retirements there over those of the field at the time", NEVER),
        Feature("circuit_accident_ratio", "ratio", "the same of accidents, collisions and spins", NEVER),
        Feature("circuit_breakdown_ratio", "ratio", "the same of every other cause, also where none is told", NEVER),
    ),
    compute=compute,
    Settings=Settings,
    sets=("circuit", "dnf", "safety_car", "track"),
)
