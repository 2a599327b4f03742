"""What a slot of the online store holds: of each key the row that a cut-off may see, and nothing else.

A slot starts as a copy of an earlier one (see `_online_slots`); only rows that differ in a bit from what the copy serves are
written. What it serves is kept beside its SQLite file, one table per feature group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.features.machinery.group import STAMPS, FeatureGroup

Write = Callable[[Path, str, pd.DataFrame], None]

NEVER = pd.Timestamp("1900-01-01", tz="UTC")


def fingerprints(project: Project, groups: Iterable[FeatureGroup]) -> dict[str, list[int]]:
    """Return, by group, what changes whenever its file is written again.

    Raises:
        FeatureError: a group is not built.
    """
    return {group.name: _fingerprint(group, project.features / f"{group.name}.parquet") for group in groups}


def fill(
    project: Project, groups: Iterable[FeatureGroup], cutoff: pd.Timestamp, folder: Path, write: Write
) -> pd.Timestamp:
    """Bring a slot to a cut-off with `write(folder, view, rows)`; return when the newest of its rows became known."""
    return max(_fill_group(project, group, cutoff, folder, write) for group in groups)


def _fill_group(
    project: Project, group: FeatureGroup, cutoff: pd.Timestamp, folder: Path, write: Write
) -> pd.Timestamp:
    rows = newest_rows(group, pd.read_parquet(project.features / f"{group.name}.parquet"), cutoff)
    record = folder / f"served-{group.name}.parquet"
    changed = _unserved(group, rows, pd.read_parquet(record), cutoff) if record.is_file() else rows
    if not changed.empty:
        write(folder, group.name, changed)
        rows.to_parquet(record, index=False)
    return NEVER if rows.empty else rows["known_at"].max()


def _fingerprint(group: FeatureGroup, path: Path) -> list[int]:
    if not path.is_file():
        raise FeatureError(f"the features of {group.name} are not built yet; make them with `dvc repro features`.")
    stat = path.stat()
    return [stat.st_mtime_ns, stat.st_size, stat.st_ino]


def newest_rows(group: FeatureGroup, rows: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return the newest row of each key that a cut-off at `cutoff` may see: `event < cutoff` and `known <= cutoff`."""
    cutoff = as_utc(pd.Series([cutoff]))[0]
    seen = rows[(rows["event_timestamp"] < cutoff) & (rows["known_at"] <= cutoff)]
    ordered = seen.sort_values([*group.keys, *STAMPS], kind="stable")
    return ordered.drop_duplicates(group.keys, keep="last").reset_index(drop=True)


def _unserved(group: FeatureGroup, rows: pd.DataFrame, served: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return the rows that are not served with these very bits, and nulls for keys that are served and no longer exist."""
    left = served[group.keys].merge(rows[group.keys], on=group.keys, how="left", indicator=True)["_merge"]
    gone = served.loc[left.eq("left_only").to_numpy(), group.keys].reset_index(drop=True)
    nulls = gone.assign(**dict.fromkeys(STAMPS, cutoff), **dict.fromkeys(group.names, np.nan))
    nulls[STAMPS] = nulls[STAMPS].apply(as_utc)
    changed = rows if list(served.columns) != list(rows.columns) else rows[~_same(group, rows, served)]
    return pd.concat([changed, nulls[rows.columns]], ignore_index=True) if len(nulls) else changed


def _same(group: FeatureGroup, rows: pd.DataFrame, served: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are served bit by bit; a merge on values would take 0.0 for -0.0."""
    old = rows[group.keys].merge(served, on=group.keys, how="left")
    values = [frame[group.names].to_numpy(np.float64).view(np.int64) for frame in (old, rows)]
    stamps = (old[STAMPS] == rows[STAMPS]).all(axis=1).to_numpy()
    return np.asarray(stamps & (values[0] == values[1]).all(axis=1))
