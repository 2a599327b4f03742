"""One row per lap that a car is about to begin, at the instant at which it has ended the lap before.

Whether the lap comes, and what becomes of it, is not known then: so every completed lap has a row for the one after it, also the last
one before the flag or a retirement. The cut-off is the first microsecond after the crossing, because features are joined
strictly: what the crossing itself tells has happened, and what follows it has not.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, as_utc
from pitwall.features.machinery.shared.race_laps import completed_laps

KEY = ["race_id", "driver_id", "lap"]
COLUMNS = ["race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "lap", "cutoff"]


def lap_spine(tables: Tables, stage: str) -> pd.DataFrame:
    """Return one row per lap to be forecast, of every race with laps.

    A lap counts as it was first told, so that a correction moves no row; one that was told too late for anybody to ask at its
    end has none.

    Args:
        tables: canonical tables with all versions; needs `laps` and `races`.
        stage: "in_race", the only one at which laps end.

    Returns:
        `COLUMNS`, sorted by season, round, driver_id, lap; `lap` is the lap to come, `cutoff` in UTC with microseconds.
    """
    told = tables["laps"].sort_values([*KEY, "known_at"], kind="stable").drop_duplicates(KEY)
    ended = completed_laps(Tables({"laps": told}))
    rows = ended.assign(lap=ended["lap"] + 1, cutoff=as_utc(ended["event_timestamp"] + BEFORE))
    rows = rows[rows["known_at"] <= rows["cutoff"]]
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    rows = rows.merge(races, on="race_id")
    return rows.sort_values(["season", "round", "driver_id", "lap"], ignore_index=True)[COLUMNS]
