"""Laps of the live feed as features see them: completed laps in order, which of them were free, and races that are over.

Only what stood at a lap's end is used: flags that are set afterwards (deleted, personal best, accurate) are left alone.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.rain import RAIN_TYRES
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features._group import STAMPS
from pitwall.features._states import starters

CAR = ["race_id", "driver_id"]


def completed_laps(tables: Tables) -> pd.DataFrame:
    """Return the laps that were completed, sorted by race, driver and lap.

    A lap that ends with the one before it (one in the feed, under a red flag) has no end of its own and is left out.
    """
    laps = tables["laps"]
    laps = laps[laps["completed"]].sort_values([*CAR, "lap"])
    return laps.drop_duplicates([*CAR, "end_seconds"], ignore_index=True)


def is_green(laps: pd.DataFrame) -> pd.Series:
    """Return which laps were timed, free of neutralisation and pits, and not the first."""
    free = laps["track_status"].map({status: set(status) <= {"1", "2"} for status in laps["track_status"].unique()})
    pits = laps["pit_in_seconds"].notna() | laps["pit_out_seconds"].notna()
    return free.astype(bool) & ~pits & laps["seconds"].notna() & (laps["lap"] > 1)


def green_laps(tables: Tables) -> pd.DataFrame:
    """Return the laps of `is_green`, sorted by race, driver and lap."""
    laps = completed_laps(tables)
    return laps[is_green(laps)]


def finished_races(tables: Tables) -> pd.DataFrame:
    """Return race_id, circuit_id, season and stamps of races whose result is out, in time order; laps may be missing.

    A race that was stopped lasts longer than the assumed time of its result: then the last lap says when it was over.
    """
    results = starters(tables).groupby("race_id", as_index=False)[STAMPS].max()
    laps = tables["laps"].groupby("race_id", as_index=False)[STAMPS].max()
    races = results.merge(laps, on="race_id", how="left", suffixes=("", "_laps"))
    for stamp in STAMPS:
        races[stamp] = races[[stamp, f"{stamp}_laps"]].max(axis=1).astype(UTC_US)
    races = races.merge(tables["races"][["race_id", "circuit_id", "season"]], on="race_id")
    columns = ["race_id", "circuit_id", "season", *STAMPS]
    return races.sort_values(["event_timestamp", "race_id"], ignore_index=True)[columns]


def races_with_laps(tables: Tables) -> pd.DataFrame:
    """Return those of `finished_races` that have laps."""
    races = finished_races(tables)
    return races[races["race_id"].isin(tables["laps"]["race_id"])].reset_index(drop=True)


def circuit_speeds(tables: Tables) -> pd.DataFrame:
    """Return `races_with_laps` with the median trap speed of green dry laps (km/h) and its rank among the circuits as known after the race.

    The rank is the share of the other circuits that are slower, each by the last race held there; NaN while there are none.
    """
    races = races_with_laps(tables)
    laps = green_laps(tables)
    dry = laps[~laps["compound"].isin(RAIN_TYRES)]
    races["speed"] = races["race_id"].map(dry.groupby("race_id")["speed_st"].median())
    races = races[races["speed"].notna()].reset_index(drop=True)
    latest = races.pivot_table(index=races.index, columns="circuit_id", values="speed").ffill()
    slower = latest.lt(races["speed"], axis=0).sum(axis=1)
    others = latest.notna().sum(axis=1) - 1
    races["rank"] = slower / others.where(others > 0)
    return races
