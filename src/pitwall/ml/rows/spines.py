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
    races = tables.only("races").as_of()["races"]
    races = races.assign(cutoff=cutoffs(races, Stage(stage)))[["race_id", "circuit_id", "season", "round", "cutoff"]]
    spine = _as_published(tables["entries"].merge(races, on="race_id"), ["race_id", "driver_id"])
    return spine.sort_values(["season", "round", "driver_id"], ignore_index=True)[SPINE_COLUMNS]


def _as_published(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return of each key the version that was public at its cut-off, else its first: a later correction moves no row."""
    ordered = rows.sort_values([*key, "known_at"], kind="stable")
    public = ordered[ordered["known_at"] <= ordered["cutoff"]]
    return pd.concat([ordered.drop_duplicates(key), public]).drop_duplicates(key, keep="last")


SPINES: dict[str, Callable[[Tables, str], pd.DataFrame]] = {"order": order_spine}
