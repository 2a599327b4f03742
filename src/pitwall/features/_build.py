"""Build a group's table with all versions of its rows, and check what the group returned.

A correction of the raw data (a *vintage*) must not rewrite history: the group is computed as it stood before each
vintage and after it, and a row that changed gains a version that is known from the vintage on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.tables import SPECS, Tables
from pitwall.domain.when import UTC_US
from pitwall.features._group import ENTITIES, STAMPS, FeatureGroup


def build_group(group: FeatureGroup, tables: Tables, params: Params) -> pd.DataFrame:
    """Return the group's rows with all their versions, sorted by key, event and knowledge time.

    Raises:
        FeatureError: the group returned a wrong table; says which column or row.
    """
    read = tables.only(*group.reads)
    newest = compute_group(group, view_at(read, None), params)
    versions = newest
    for vintage in read.vintages():
        now = compute_group(group, view_at(read, vintage), params)
        versions = pd.concat([versions, _changes(group, newest, now, vintage)], ignore_index=True)
        newest = now
    # A row that became known after the vintage was never known without it: its last version alone counts.
    versions = versions.drop_duplicates([*group.keys, *STAMPS], keep="last")
    return versions.sort_values([*group.keys, *STAMPS], ignore_index=True)


def compute_group(group: FeatureGroup, tables: Tables, params: Params) -> pd.DataFrame:
    """Return the group's rows on tables that hold one version per key, checked and sorted."""
    rows = group.compute(tables.only(*group.reads), group.settings(params), params.time)
    check_rows(group, rows)
    return rows.sort_values([*group.keys, *STAMPS], ignore_index=True)


def view_at(tables: Tables, vintage: pd.Timestamp | None) -> Tables:
    """Return one version per key: the newest known at the vintage, else the first (None: always the first)."""
    return Tables({name: _view(frame, list(SPECS[name].key), vintage) for name, frame in tables.items()})


def _view(frame: pd.DataFrame, key: list[str], vintage: pd.Timestamp | None) -> pd.DataFrame:
    ordered = frame.sort_values([*key, "known_at"], kind="stable", ignore_index=True)
    first = _begins(ordered, key)
    if vintage is None:
        return ordered[first].reset_index(drop=True)
    usable = ordered[first | (ordered["known_at"] <= vintage).to_numpy()]
    return usable[np.r_[_begins(usable, key)[1:], True][: len(usable)]].reset_index(drop=True)


def _begins(ordered: pd.DataFrame, key: list[str]) -> npt.NDArray[np.bool_]:
    """Return where a key begins in rows sorted by it: a comparison of neighbours, much cheaper than a search."""
    begins = np.zeros(len(ordered), dtype=bool)
    begins[:1] = True
    for name in key:
        values = ordered[name].to_numpy()
        begins[1:] |= values[1:] != values[:-1]
    return begins


def _changes(group: FeatureGroup, before: pd.DataFrame, now: pd.DataFrame, vintage: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of `now` that differ from `before`, and a closing version of those that are gone."""
    row = [*group.keys, "event_timestamp"]
    old = now[row].merge(before, on=row, how="left", indicator=True)
    same = (old["_merge"] == "both") & same_values(old[group.names], now[group.names]).all(axis=1)
    gone = before[before[row].merge(now[row], on=row, how="left", indicator=True)["_merge"].eq("left_only").to_numpy()]
    changed = pd.concat([now[~same.to_numpy()], closed(group, gone, now)], ignore_index=True)
    changed["known_at"] = changed["known_at"].clip(lower=vintage).astype(UTC_US)
    return changed


def same_values(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Return where two tables agree, nulls included; sums in another order may differ by rounding."""
    equal = np.isclose(left.to_numpy(), right.to_numpy(), rtol=1e-9, atol=1e-12, equal_nan=True)
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
