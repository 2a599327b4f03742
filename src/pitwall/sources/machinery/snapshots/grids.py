"""Read the grid of a race: which slots are known, and which a publisher only filled in.

A slot of 0 is a start from the pit lane for one car among others, and *not known* where many have it. A grid that gives the same slots
twice, or one far behind the field, is none.
"""

from __future__ import annotations

import pandas as pd

from pitwall.sources.machinery.snapshots.read import RawTable

NEITHER_STARTED = ("F", "W")
PIT_LANE = 0.25  # of the starters of one race, at most (real: 0.2)
REPEATED = 0.5  # of the starters of one race may share a slot (real: 4 cars of 26; shared drives, 1950 to 1978, more)
BEHIND = 10  # slots behind the number of lines of the race (real: 9)


def forget_unknown_grids(table: RawTable) -> None:
    """Read slots as null that nobody knows: one for all cars, 0 for too many of them, the same ones twice, far behind the field."""
    starters = table.data
    if "positionText" in starters:
        starters = starters[~starters["positionText"].isin(NEITHER_STARTED)]
    race, slot = starters["raceId"], starters["grid"]
    by_race = slot.groupby(race).agg(["nunique", "count", "max"])
    same = ((by_race["nunique"] == 1) & (by_race["count"] > 1)) | (by_race["max"] == 0)
    zeros = (slot == 0).groupby(race).sum() > (PIT_LANE * by_race["count"]).clip(lower=2)
    placed = starters[slot > 0].drop_duplicates(["raceId", "driverId"])
    again = placed.duplicated(["raceId", "grid"], keep=False).groupby(placed["raceId"]).sum()
    repeated = again.reindex(by_race.index, fill_value=0) > REPEATED * by_race["count"].clip(lower=4)
    lines = table.data["raceId"].map(table.data["raceId"].value_counts())
    _forget(table, table.data["raceId"].isin(by_race.index[same]), "the same for every car of a race")
    too_many = table.data["raceId"].isin(by_race.index[zeros]) & (table.data["grid"] == 0)
    _forget(table, too_many, "0, the pit lane, for more cars of a race than ever start there")
    _forget(table, table.data["raceId"].isin(by_race.index[repeated]), "shared by most cars of a race")
    _forget(table, table.data["grid"] > lines + BEHIND, "far behind the last car of a race")


def _forget(table: RawTable, slots: pd.Series, why: str) -> None:
    table.blank("grid", slots & table.data["grid"].notna(), why)
