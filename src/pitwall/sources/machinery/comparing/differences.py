"""List where two sources disagree about the same fact: rows that only one has, and values that differ."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pitwall.domain.tables import SPECS, Tables
from pitwall.sources.machinery.comparing.matching import Match

COMPARED = (
    *("races", "entries", "grid", "qualifying", "practice", "sprints", "results", "pit_stops", "lap_times"),
    *("driver_standings", "constructor_standings"),
)
APART = 0.0015  # s or points: what rounding may do
TOLD_BY_KEY = ("circuit_id", "name", "planned_at")  # of a race: another spelling is no disagreement
MISSING, EXTRA = "only here", "only there"
COLUMNS = ["table", "season", "round", "row", "column", "ours", "theirs"]


def differences(ours: Tables, theirs: Tables, found: Match, names: Iterable[str] = COMPARED) -> pd.DataFrame:
    """Return one line per disagreement.

    Args:
        ours: the newest rows of the source that the project lives on.
        theirs: those of another one.
        found: what the ids of the other one are called here.
        names: tables to compare.

    Returns:
        Columns table, season, round, row (what it is about), column, ours, theirs. A table is compared in the seasons that both have it
        for; a row that one of them lacks has `only here` or `only there` for its column.
    """
    calendar = ours["races"].set_index("race_id")[["season", "round"]]
    parts = [_of_table(name, ours[name], found.here(theirs[name]), calendar, ours) for name in names]
    told = [part for part in parts if len(part)]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=COLUMNS)


def _of_table(
    name: str, ours: pd.DataFrame, theirs: pd.DataFrame, calendar: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    key = list(SPECS[name].key)
    season = [rows["race_id"].map(calendar["season"]) for rows in (ours, theirs)]
    both = set(season[0].dropna()) & set(season[1].dropna())
    ours, theirs = (rows[each.isin(both)] for rows, each in zip((ours, theirs), season, strict=True))
    joined = ours.merge(theirs, on=key, how="outer", suffixes=("", "_there"), indicator=True)
    lines = [_alone(joined, "left_only", MISSING), _alone(joined, "right_only", EXTRA)]
    same = joined[joined["_merge"] == "both"]
    for column in SPECS[name].columns:
        if column not in key and column not in TOLD_BY_KEY:
            lines.append(_unlike(same, column))
    told = pd.concat([line for line in lines if len(line)] or lines[:1])
    return _in_words(name, told.assign(**{part: told.get(part) for part in key}), key, calendar, tables)


def _alone(joined: pd.DataFrame, side: str, word: str) -> pd.DataFrame:
    return joined[joined["_merge"] == side].assign(column=word, ours=None, theirs=None)


def _unlike(same: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows whose values differ; a value that only one of them gives is a difference."""
    ours, theirs = same[column], same[f"{column}_there"]
    if pd.api.types.is_float_dtype(ours) and pd.api.types.is_float_dtype(theirs):
        apart = ~np.isclose(ours, theirs, atol=APART, rtol=0, equal_nan=True)
    else:
        apart = (ours.ne(theirs).fillna(value=True) & ~(ours.isna() & theirs.isna())).to_numpy(dtype=bool)
    unlike = same[apart]
    return unlike.assign(column=column, ours=_texts(unlike[column]), theirs=_texts(unlike[f"{column}_there"]))


def _texts(values: pd.Series) -> pd.Series:
    return values.map(lambda value: None if pd.isna(value) else str(value)).astype("object")


def _in_words(name: str, told: pd.DataFrame, key: list[str], calendar: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    drivers = tables["drivers"].set_index("driver_id")["ref"]
    teams = tables["constructors"].set_index("constructor_id")["ref"]
    words = {"driver_id": drivers, "constructor_id": teams}
    parts = [
        told[each].map(words[each]).astype("object") if each in words else f"{each} " + told[each].astype(str)
        for each in key
        if each != "race_id"
    ]
    row = parts[0] if parts else pd.Series("", told.index)
    for part in parts[1:]:
        row = row + " " + part
    return pd.DataFrame(
        {
            "table": name,
            "season": told["race_id"].map(calendar["season"]),
            "round": told["race_id"].map(calendar["round"]),
            "row": row,
            **{each: told[each] for each in ("column", "ours", "theirs")},
        }
    ).sort_values(["season", "round", "row", "column"], kind="stable")
