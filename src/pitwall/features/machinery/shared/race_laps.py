"""Laps of the live feed as features see them: completed laps in order, races that are over, and the speed of circuits.

Which of the laps are green is decided in `_green`.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.once import once
from pitwall.features.machinery.shared.green import CAR, GREEN, READS, lap_reasons
from pitwall.features.machinery.shared.states import starters


def completed_laps(tables: Tables) -> pd.DataFrame:
    """Return the laps that were completed, sorted by race, driver and lap.

    A lap that ends with the one before it (one in the feed, under a red flag) has no end of its own and is left out.
    """
    laps = tables["laps"]
    return once(completed_laps.__name__, [laps], lambda: _completed(laps)).copy()


def _completed(laps: pd.DataFrame) -> pd.DataFrame:
    laps = laps[laps["completed"]].sort_values([*CAR, "lap"])
    return laps.drop_duplicates([*CAR, "end_seconds"], ignore_index=True)


def green_laps(tables: Tables) -> pd.DataFrame:
    """Return the green laps of races that are over, sorted by race, driver and lap."""
    laps = completed_laps(tables)
    return laps[lap_reasons(laps, tables, over=True) == GREEN]


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
    """Return `races_with_laps` with the median trap speed of green laps (km/h) and its rank among the circuits as known after the race.

    The rank is the share of the other circuits that are slower, each by the last race held there; NaN while there are none.
    """
    races = races_with_laps(tables)
    for log in READS[1:]:  # they say which laps are green
        known = races["race_id"].map(tables[log].groupby("race_id")["known_at"].max())
        races["known_at"] = races["known_at"].where(~(known > races["known_at"]), known).astype(UTC_US)
    races["speed"] = races["race_id"].map(green_laps(tables).groupby("race_id")["speed_st"].median())
    races = races[races["speed"].notna()].reset_index(drop=True)
    latest = races.pivot_table(index=races.index, columns="circuit_id", values="speed").ffill()
    slower = latest.lt(races["speed"], axis=0).sum(axis=1)
    others = latest.notna().sum(axis=1) - 1
    races["rank"] = slower / others.where(others > 0)
    return races


def usual_distance(tables: Tables, visits: int) -> pd.Series:
    """Return for each race the median of the winners' laps over the races before it at its circuit; NaN at the first.

    The distance of the race itself is known too late: a race may be cut short.
    """
    return once(
        (usual_distance.__name__, visits), [tables["results"], tables["races"]], lambda: _distances(tables, visits)
    )


def _distances(tables: Tables, visits: int) -> pd.Series:
    laps = tables["results"].groupby("race_id")["laps"].max().astype("float64").rename("distance")
    races = tables["races"].merge(laps, on="race_id", how="left").sort_values(["starts_at", "race_id"])
    earlier = races.groupby("circuit_id")["distance"]
    before = pd.DataFrame({lag: earlier.shift(lag) for lag in range(1, visits + 1)})
    return before.median(axis=1).set_axis(races["race_id"])
