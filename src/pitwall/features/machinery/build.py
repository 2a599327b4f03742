"""Build a group's table with all versions of its rows, and check what the group returned.

A correction of the raw data (a *vintage*) must not rewrite history: rows known before it are never touched. The group is
computed as it stood after each vintage, and a row that then says something else gains a version known from the vintage
on. So a table grows by folding one vintage after the other into what was said before, and a table that was built earlier
can be taken up where the news begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.tables import SPECS, Tables, standing
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import ENTITIES, STAMPS, FeatureGroup


def build_group(group: FeatureGroup, tables: Tables, params: Params) -> pd.DataFrame:
    """Return the group's rows with all their versions, sorted by key, event and knowledge time.

    Raises:
        FeatureError: the group returned a wrong table; says which column or row.
    """
    read = tables.only(*group.reads)
    return _folded(group, compute_group(group, view_at(read, None), params), read, read.vintages(), params)


def extend_group(
    group: FeatureGroup, built: pd.DataFrame, tables: Tables, params: Params, since: pd.Timestamp
) -> pd.DataFrame:
    """Return what `build_group` returns, from rows built earlier: nothing that was known before `since` is computed again.

    Args:
        group: the feature group.
        built: its table, built from tables that differ from these only in rows known at `since` or later.
        tables: canonical tables with all versions.
        params: the project's parameters.
        since: the first instant at which the tables say something else.
    """
    read = tables.only(*group.reads)
    vintages = read.vintages()
    earlier = [vintage for vintage in vintages if vintage < since]
    now = compute_group(group, view_at(read, earlier[-1] if earlier else None), params)
    said = built[built["known_at"] < since]
    return _folded(group, _revised(group, said, now, since), read, vintages[len(earlier) :], params)


def _folded(
    group: FeatureGroup, versions: pd.DataFrame, read: Tables, vintages: Iterable[pd.Timestamp], params: Params
) -> pd.DataFrame:
    for vintage in vintages:
        now = compute_group(group, view_at(read, vintage), params)
        versions = _revised(group, versions[versions["known_at"] < vintage], now, vintage)
    return versions


def compute_group(group: FeatureGroup, tables: Tables, params: Params) -> pd.DataFrame:
    """Return the group's rows on tables that hold one version per key, checked and sorted."""
    rows = group.compute(tables.only(*group.reads), group.settings(params), params.time)
    check_rows(group, rows)
    return in_order(group, rows)


def in_order(group: FeatureGroup, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the one order of a group's table."""
    return rows.sort_values([*group.keys, *STAMPS], ignore_index=True)


def view_at(tables: Tables, vintage: pd.Timestamp | None) -> Tables:
    """Return one version per key as they stood after a vintage (None: before the first one), sorted by key."""
    return Tables({name: _view(frame, list(SPECS[name].key), vintage) for name, frame in tables.items()})


def _view(frame: pd.DataFrame, key: list[str], vintage: pd.Timestamp | None) -> pd.DataFrame:
    ordered = frame if _is_sorted(frame, [*key, "known_at"]) else frame.sort_values([*key, "known_at"], kind="stable")
    usable = ordered["known_estimated"].to_numpy(bool)
    if vintage is not None:
        usable = usable | (ordered["known_at"] <= vintage).to_numpy()
    seen = ordered[usable]
    return standing(seen[_ends(seen, key)]).reset_index(drop=True)


def _is_sorted(frame: pd.DataFrame, by: list[str]) -> bool:
    """Return whether rows are in order: a comparison of neighbours, much cheaper than to sort again."""
    undecided = np.ones(max(len(frame) - 1, 0), dtype=bool)
    for name in by:
        values = _plain(frame[name])
        if (undecided & (values[1:] < values[:-1])).any():
            return False
        undecided &= values[1:] == values[:-1]
    return True


def _plain(column: pd.Series) -> npt.NDArray[Any]:
    """Return a column to be compared; instants as integers, because an array of zoned instants is one of objects."""
    return np.asarray(column.astype("int64") if str(column.dtype) == UTC_US else column)


def _ends(ordered: pd.DataFrame, key: list[str]) -> npt.NDArray[np.bool_]:
    """Return the last row of each key in rows sorted by it."""
    ends = np.zeros(len(ordered), dtype=bool)
    ends[-1:] = True
    for name in key:
        values = _plain(ordered[name])
        ends[:-1] |= values[1:] != values[:-1]
    return ends


def _revised(group: FeatureGroup, said: pd.DataFrame, now: pd.DataFrame, vintage: pd.Timestamp) -> pd.DataFrame:
    """Return what was said before a vintage, with a version of each row that says something else from then on.

    A row that is gone is closed, again and again: what precedes it may be corrected too.
    """
    row = [*group.keys, "event_timestamp"]
    newest = said.drop_duplicates(row, keep="last")
    missing = newest[row].merge(now[row], on=row, how="left", indicator=True)["_merge"].eq("left_only")
    stands = pd.concat([now, closed(group, newest[missing.to_numpy()], now)], ignore_index=True)
    stands["known_at"] = stands["known_at"].clip(lower=vintage).astype(UTC_US)
    old = stands[row].merge(newest, on=row, how="left", indicator=True)
    same = (old["_merge"] == "both") & same_values(old[group.names], stands[group.names]).all(axis=1)
    return in_order(group, pd.concat([said, stands[~same.to_numpy()]], ignore_index=True))


def same_values(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Return where two tables of float64 hold the same bits, or nulls: no tolerance hides what looked ahead a little."""
    one, other = (np.ascontiguousarray(table.to_numpy(np.float64)) for table in (left, right))
    equal = (one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))
    return pd.DataFrame(equal, index=left.index, columns=left.columns)


def closed(group: FeatureGroup, gone: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return withdrawn rows with the values that precede them, so that the join no longer finds what was withdrawn."""
    left = gone[[*group.keys, *STAMPS]].sort_values("event_timestamp", kind="stable")
    right = now.drop(columns="known_at").sort_values("event_timestamp", kind="stable")
    return pd.merge_asof(left, right, on="event_timestamp", by=group.keys)


def check_rows(group: FeatureGroup, rows: pd.DataFrame) -> None:
    """Raise FeatureError unless the table has the group's columns, types, unique rows and honest stamps."""
    where = f"feature group {group.name}"
    if list(rows.columns) != group.columns:
        raise FeatureError(f"{where}: found columns {list(rows.columns)}, expected {group.columns}, in this order.")
    expected = {**dict.fromkeys(group.keys, "int64"), **dict.fromkeys(STAMPS, UTC_US)}
    expected |= dict.fromkeys(group.names, "float64")
    for column, dtype in expected.items():
        if str(rows[column].dtype) != dtype:
            raise FeatureError(f"{where}: column {column} is {rows[column].dtype}, expected {dtype}.")
    for stamp in STAMPS:
        if rows[stamp].isna().any():
            raise FeatureError(f"{where}: {int(rows[stamp].isna().sum())} rows have no {stamp}; every row needs one.")
    _raise_on(group, rows, rows.duplicated([*group.keys, *STAMPS]), "repeat a key, event and knowledge time; keep one")
    early = rows["event_timestamp"] > rows["known_at"]
    _raise_on(group, rows, early, "are known before they happened; known_at must be at or after event_timestamp")


def _raise_on(group: FeatureGroup, rows: pd.DataFrame, bad: pd.Series, what: str) -> None:
    if bad.any():
        example = rows.loc[bad.idxmax(), [*group.keys, *STAMPS]].astype(str).to_dict()
        raise FeatureError(f"feature group {group.name}: {int(bad.sum())} rows {what} (first: {example}).")


def check_names(groups: Iterable[FeatureGroup]) -> None:
    """Raise unless feature names are unique over all groups and tables and entities are known."""
    groups = list(groups)
    counts = Counter(name for group in groups for name in group.names)
    for group in groups:
        for name in group.names:
            if counts[name] > 1:
                raise FeatureError(
                    f"feature {name} of group {group.name} has {counts[name]} owners; rename one of them."
                )
        for kind, used, known in (("entity", group.entities, ENTITIES), ("table", group.reads, tuple(SPECS))):
            for name in used:
                if name not in known:
                    raise UnknownName(f"{kind} of feature group {group.name}", name, known)
