"""How often a team's cars are not classified: its decayed rate, drawn towards the rate of the whole field.

Breakdowns are rare and a team's record is short, so the field says most of it. A team is a lineage.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.states import cumulative_known, per_constructor, starters, with_lineage

KEY = "lineage"


class Settings(Section):
    """`decay` per race; `team_weight` cars of the field's rate, and `field_weight` cars of `prior`, are assumed seen."""

    decay: float = 0.97
    team_weight: float = 20.0
    field_weight: float = 200.0
    prior: float = 0.3


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team."""
    cars = with_lineage(starters(tables), tables).assign(out=lambda rows: (~rows["classified"]).astype("float64"))
    teams = cars.groupby(["event_timestamp", "race_id", KEY], as_index=False, sort=True).agg(
        known_at=("known_at", "max"), out=("out", "sum"), cars=("out", "size")
    )
    field = cars.groupby(["event_timestamp", "race_id"], as_index=False, sort=True).agg(
        out=("out", "sum"), cars=("out", "size"), known_at=("known_at", "max")
    )
    field["rate"] = _shrunk(field, np.zeros(len(field)), settings.prior, settings.field_weight, settings.decay)
    field["field_known_at"] = field["known_at"].cummax()
    rows = teams.merge(field[["race_id", "rate", "field_known_at"]], on="race_id")
    rows["known_at"] = rows[["known_at", "field_known_at"]].max(axis=1)
    rates = _shrunk(rows, rows[KEY].to_numpy(), rows["rate"].to_numpy(), settings.team_weight, settings.decay)
    rows["team_unclassified_rate"] = rates
    rows["known_at"] = cumulative_known(rows, [KEY])
    return per_constructor(rows[[KEY, *STAMPS, "team_unclassified_rate"]], tables)[GROUP.columns]


def _shrunk(rows: pd.DataFrame, key: np.ndarray, prior: float | np.ndarray, weight: float, decay: float) -> np.ndarray:
    """Return after each row the decayed share of cars that dropped out, with `weight` cars of the prior."""
    sums = {}
    for name in ("out", "cars"):
        grown = rows[name].astype("float64").groupby(key)
        sums[name] = grown.transform(lambda values: values.ewm(alpha=1 - decay).mean() * _mass(len(values), decay))
    return np.asarray((sums["out"] + weight * prior) / (sums["cars"] + weight))


def _mass(count: int, decay: float) -> np.ndarray:
    """Return the total weight of 1, 2, ... decayed observations: turns a decayed mean into a decayed sum."""
    return np.asarray((1 - decay ** np.arange(1, count + 1)) / (1 - decay))


GROUP = FeatureGroup(
    name="team_reliability",
    entities=("constructor",),
    reads=("races", "results", "constructors"),
    features=(
        Feature(
            "team_unclassified_rate",
            "share",
            "share of the team's cars that were not classified, recent races counting most, drawn to the field's",
            "the team has not started a race yet",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("order", "team"),
)
