"""How often a team's cars retire, and of what: faded rates, drawn towards the field's of the day. A team is a lineage.

`team_reliability` counts cars that were not classified, with a long memory; here are retirements by cause, with a short one,
because a car is new every year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import KINDS, READS, FieldSettings, cars, faded_sums, totals
from pitwall.features.machinery.shared.states import per_constructor

KEY = "lineage"
NO_RACE = "the team has not started a race yet"


class Settings(FieldSettings):
    """`decay` per race of the team; `weight` cars at the field's rate are assumed seen."""

    decay: float = 0.93
    weight: float = 20.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team."""
    rows = totals(cars(tables, settings).assign(cars=1.0), [KEY], [*KINDS, "cars"])
    sums = faded_sums(rows[KEY].to_numpy(np.int64), rows[[*KINDS, "cars"]].to_numpy(np.float64), settings.decay)
    field = rows[[f"{kind}_after" for kind in KINDS]].to_numpy(np.float64)
    rows[GROUP.names] = (sums[:, :-1] + settings.weight * field) / (sums[:, -1:] + settings.weight)
    return per_constructor(rows[[KEY, *STAMPS, *GROUP.names]], tables)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_attrition",
    entities=("constructor",),
    reads=READS,
    features=(
        Feature("team_retirement_rate", "share", "share of its cars that retired, drawn to the field's", NO_RACE),
        Feature("team_accident_rate", "share", "the same of accidents, collisions and spins", NO_RACE),
        Feature("team_breakdown_rate", "share", "the same of every other cause, also where none is told", NO_RACE),
    ),
    compute=compute,
    Settings=Settings,
    sets=("team", "dnf"),
)
