"""What a driver has achieved so far: starts, wins, podiums, poles and points.

A pole is the first slot of the grid, as the records count it. Points are those scored, not those that counted when only
a season's best results did; a sprint's points join at the race of its weekend.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.form import starters_with_grid
from pitwall.features.machinery.shared.states import cumulative_known

KEY = "driver_id"
NO_RACE = "has not started a race yet"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race they started."""
    rows = _with_sprints(starters_with_grid(tables), tables)
    so_far = {
        "career_starts": rows["place"].notna(),
        "career_wins": rows["place"] == 1,
        "career_podiums": rows["place"] <= 3,
        "career_poles": rows["grid"] == 1,
        "career_points": rows["points"],
    }
    for name, of_race in so_far.items():
        rows[name] = of_race.astype("float64").groupby(rows[KEY]).cumsum()
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


def _with_sprints(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add the points of a weekend's sprint to those of its race, known when both are."""
    sprints = tables["sprints"][["race_id", KEY, "points", "known_at"]]
    rows = rows.merge(sprints, on=["race_id", KEY], how="left", suffixes=("", "_sprint"))
    rows["points"] += rows["points_sprint"].fillna(0.0)
    rows["known_at"] = rows[["known_at", "known_at_sprint"]].max(axis=1)
    return rows


GROUP = FeatureGroup(
    name="driver_career",
    entities=("driver",),
    reads=("races", "results", "grid", "sprints"),
    features=(
        Feature("career_starts", "races", "races started so far", NO_RACE),
        Feature("career_wins", "races", "races won so far", NO_RACE),
        Feature("career_podiums", "races", "races finished among the first three so far", NO_RACE),
        Feature("career_poles", "races", "races started from the first slot so far", NO_RACE),
        Feature("career_points", "points", "points scored so far, sprints included", NO_RACE),
    ),
    compute=compute,
    sets=("driver",),
    reach="entity",
)
