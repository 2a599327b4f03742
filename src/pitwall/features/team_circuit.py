"""How a team has done at a circuit, in places and against its own form at the time.

A mean place at a circuit mostly says how good the team used to be; less its form of the races before each visit, it says
whether the circuit suits it. A team is a lineage: a rename does not lose its history.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.states import (
    cumulative_known,
    per_constructor,
    rolling_mean,
    starters,
    with_lineage,
)

KEY = "lineage"
KEYS = [KEY, "circuit_id"]
NEVER = "the team has not raced at the circuit yet"


class Settings(Section):
    """Windows in races: of form before a visit, and in visits: what is remembered of a circuit."""

    form_window: int = 5
    visits: int = 5


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor and circuit after each race of its team there."""
    cars = with_lineage(starters(tables), tables).merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    rows = cars.groupby(["event_timestamp", "race_id", *KEYS], as_index=False).agg(
        known_at=("known_at", "max"), place=("place", "mean")
    )
    rows["known_at"] = cumulative_known(rows, [KEY])  # the form is made of races elsewhere
    form = rolling_mean(rows, KEY, "place", settings.form_window).groupby(rows[KEY]).shift(1)
    rows["better"] = form - rows["place"]
    rows["there"] = rows.groupby(KEYS).ngroup()
    rows["team_avg_position_at_track"] = rolling_mean(rows, "there", "place", settings.visits)
    rows["team_track_performance"] = rolling_mean(rows, "there", "better", settings.visits)
    rows["known_at"] = cumulative_known(rows, KEYS)
    return per_constructor(rows, tables)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_circuit",
    entities=("constructor", "circuit"),
    reads=("races", "results", "constructors"),
    features=(
        Feature(
            "team_avg_position_at_track", "place", "mean place of its cars in its last `visits` races there", NEVER
        ),
        Feature(
            "team_track_performance",
            "places",
            "by how many places its cars did better there than over the `form_window` races before each visit, mean of "
            "its last `visits` races there",
            "the team has not raced at the circuit yet, or never with a race before",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("team", "circuit"),
    reach="entity",
)
