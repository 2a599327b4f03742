"""Spines: the rows to be forecast, with their keys and cut-off, without features and without labels."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage, cutoffs

SPINE_COLUMNS = ["race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "cutoff"]


def order_spine(tables: Tables, stage: str) -> pd.DataFrame:
    """Return one row per car entered in a race, of every race with entries, with the stage's cut-off.

    Args:
        tables: canonical tables with all versions; needs `entries` and `races`.
        stage: "pre_weekend", "pre_qualifying" or "pre_race".

    Returns:
        `SPINE_COLUMNS`, sorted by season, round, driver_id; `cutoff` in UTC with microseconds.

    Raises:
        UsageError: the stage is unknown, or has no instant before the race.
    """
    if stage not in {known.value for known in CUTOFF_COLUMN}:
        known = ", ".join(CUTOFF_COLUMN)
        raise UsageError(f"the order of a race is forecast at {known}; found the stage {stage!r}.")
    newest = tables.only("entries", "races").as_of()
    races = newest["races"].assign(cutoff=cutoffs(newest["races"], Stage(stage)))
    entries = newest["entries"][["race_id", "driver_id", "constructor_id"]]
    spine = entries.merge(races[["race_id", "circuit_id", "season", "round", "cutoff"]], on="race_id")
    return spine.sort_values(["season", "round", "driver_id"], ignore_index=True)[SPINE_COLUMNS]


SPINES: dict[str, Callable[[Tables, str], pd.DataFrame]] = {"order": order_spine}
