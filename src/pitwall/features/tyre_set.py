"""The set of tyres that a car is on, after each lap that it completed: what a stint is forecast from at its first one."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.racing.tyres import CODES
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.race_laps import completed_laps

FIRST = "before the end of the first lap, or not recorded"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    rows["set_compound"] = rows["compound"].map(CODES).astype("float64")
    rows["set_age"] = rows["tyre_laps"]
    rows["set_new"] = rows["new_tyre"].astype("float64")
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="tyre_set",
    entities=("race", "driver"),
    reads=("laps",),
    features=(
        Feature("set_compound", "code", "tyre on the car, as in `compound_code`", FIRST, Stage.IN_RACE),
        Feature("set_age", "laps", "laps driven on it, earlier use included", FIRST, Stage.IN_RACE),
        Feature("set_new", "0/1", "1 if it was new when it was put on", FIRST, Stage.IN_RACE),
    ),
    compute=compute,
    sets=("stint",),
    reach="race",
)
