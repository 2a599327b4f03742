"""What the groups share: races in the order in which they became known, and rows that carry values forward.

A *state* is what is known of a driver or a team after a race. The stamp of a state is the race's end; it is known when
all that it is made of is known, so `known_at` never falls along an entity's rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS

LINEAGE = ["lineage", "lineage_since"]


def starters(tables: Tables) -> pd.DataFrame:
    """Return the results of cars that started, with their season, ordered by race; each race has one pair of stamps.

    A state row stands for the whole race, so it is stamped by the race's last line to happen and to be published.
    """
    results = tables["results"]
    started = results[results["started"]].merge(tables["races"][["race_id", "season"]], on="race_id")
    started[STAMPS] = started.groupby("race_id")[STAMPS].transform("max")
    return started.sort_values(["event_timestamp", "race_id", "driver_id"], ignore_index=True)


def season_starts(tables: Tables) -> pd.DataFrame:
    """Return season, event_timestamp (1 January) and known_at of every season in the calendar, in order."""
    seasons = tables["races"].groupby("season", as_index=False)["known_at"].min()
    january = pd.to_datetime(seasons["season"].astype(str) + "-01-01", utc=True).astype(UTC_US)
    known = seasons["known_at"].where(seasons["known_at"] >= january, january).astype(UTC_US)
    return seasons[["season"]].assign(event_timestamp=january, known_at=known)


def resets(rows: pd.DataFrame, key: str, tables: Tables) -> pd.DataFrame:
    """Return a row (key, stamps) at the start of the season that follows each one with rows of an entity.

    Args:
        rows: state rows with `key` and `season`.
        key: the entity's id column.
        tables: with the calendar, which says the next season.
    """
    starts = season_starts(tables)
    following = starts.assign(season=starts["season"].shift(1)).dropna(subset="season")
    seen = rows[[key, "season"]].drop_duplicates()
    return seen.merge(following.astype({"season": "int64"}), on="season")[[key, *STAMPS]]


def carried(streams: Sequence[pd.DataFrame], keys: list[str], carry: Sequence[str]) -> pd.DataFrame:
    """Merge streams of rows into one, in which a row repeats what the rows before it said.

    Feast hands out one row per key, the newest: a row must therefore hold everything known by then.

    Args:
        streams: tables with `keys`, stamps and some feature columns; rows of one key and instant become one.
        keys: the key columns.
        carry: columns to carry forward where a row does not say them; others keep their nulls.
    """
    rows = pd.concat(streams, ignore_index=True)
    merged = rows.groupby([*keys, "event_timestamp"], as_index=False, sort=True).last()
    latest = rows.groupby([*keys, "event_timestamp"], as_index=False, sort=True)["known_at"].max()
    merged["known_at"] = latest["known_at"]
    merged[list(carry)] = merged.groupby(keys)[list(carry)].ffill()
    merged["known_at"] = cumulative_known(merged, keys)
    return merged


def cumulative_known(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Return the running maximum of `known_at` per key over rows in time order."""
    known = rows["known_at"].astype(UTC_US).astype("int64").groupby([rows[key] for key in keys]).cummax()
    return pd.to_datetime(known, unit="us", utc=True).astype(UTC_US)


def per_constructor(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Repeat rows of a lineage for each of its constructors: a renamed team keeps its history."""
    spread = rows.merge(_bearers(tables), on="lineage", suffixes=("", "_team"))
    year = spread["event_timestamp"].dt.year
    spread = spread[(year >= spread["first"]) & (year < spread["end"])].reset_index(drop=True)
    later = spread["known_at"] >= spread["known_at_team"]
    spread["known_at"] = spread["known_at"].where(later, spread["known_at_team"])
    return spread.drop(columns=["known_at_team", "first", "end"])


def with_lineage(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add the `lineage` of each row's constructor in the season of its race."""
    named = rows.merge(tables["constructors"][["constructor_id", *LINEAGE]], on="constructor_id", how="left")
    season = named["race_id"].map(tables["races"].set_index("race_id")["season"])
    another = season < named["lineage_since"]
    return named.assign(lineage=named["lineage"].where(~another, -named["constructor_id"])).drop(columns=LINEAGE[1])


def _bearers(tables: Tables) -> pd.DataFrame:
    """Return which constructor a lineage stands for in which seasons (`first` to before `end`).

    Where another team bore a name before, that one is a lineage of its own: the constructor's id, negative.
    """
    teams = tables["constructors"][["constructor_id", *LINEAGE, "known_at"]]
    before = teams[teams["lineage_since"].notna()]
    before = before.assign(lineage=-before["constructor_id"], first=-np.inf, end=before["lineage_since"])
    now = teams.assign(first=teams["lineage_since"].fillna(-np.inf), end=np.inf)
    return pd.concat([now, before], ignore_index=True).drop(columns=LINEAGE[1])


def rolling_mean(rows: pd.DataFrame, key: str, column: str, window: int) -> pd.Series:
    """Return the mean of the last `window` values of a column per entity (rows in time order), nulls skipped.

    It is summed anew for each row, newest first. A sum that slides along keeps the rounding of values that have left
    the window, so that a correction of an old race would move today's mean by its last bits.
    """
    per = rows[column].astype("float64").groupby(rows[key])
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for lag in range(window):
        value = per.shift(lag).to_numpy()
        total += np.nan_to_num(value)
        count += ~np.isnan(value)
    return pd.Series(np.where(count > 0, total / np.maximum(count, 1), np.nan), index=rows.index)
