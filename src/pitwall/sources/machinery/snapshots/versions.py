"""Join the tables of successive snapshots: what a later one changed becomes a new version, the old one stays.

So a table answers both "what do we know now" and "what did we know then".
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.domain.when import BEFORE, UTC_US


def add_snapshot(
    name: str, versions: pd.DataFrame, frame: pd.DataFrame, fetched_at: datetime
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Add one snapshot's table to the versions known so far.

    Args:
        name: the canonical table.
        versions: all versions so far, in the order in which they were learnt.
        frame: the table of the new snapshot with its estimated stamps.
        fetched_at: when that snapshot was fetched: a changed row is known from then on. (If the old version's assumed
            publication lies later still, the new one follows it immediately, so that the newest fact wins.) So is a row
            that is added to a race or session which was there already; a new one is history that was fetched late and
            keeps its estimated stamps.

    Returns:
        All versions, and counts of rows that are new, changed, and gone (these stay).
    """
    key = list(SPECS[name].key)
    newest = versions.drop_duplicates(key, keep="last")
    old = pd.MultiIndex.from_frame(newest[key])
    new = pd.MultiIndex.from_frame(frame[key])
    position = old.get_indexer(new)
    seen = position >= 0
    content = list(SPECS[name].columns)
    fingerprint = _fingerprint(newest[content])
    changed = seen.copy()
    changed[seen] = fingerprint[position[seen]] != _fingerprint(frame.loc[seen, content])
    corrections = frame[changed].copy()
    previous = newest["known_at"].to_numpy()[position[changed]]
    corrections["known_at"] = _known(previous, fetched_at, corrections.index)
    corrections["known_estimated"] = False
    added = frame[~seen].copy()
    late = _was_there(name, versions, added)
    added.loc[late, "known_at"] = added.loc[late, "known_at"].clip(lower=pd.Timestamp(fetched_at)).astype(UTC_US)
    added.loc[late, "known_estimated"] = False
    counts = {"new": int((~seen).sum()), "changed": int(changed.sum()), "gone": int((~old.isin(new)).sum())}
    return pd.concat([versions, added, corrections], ignore_index=True), counts


def _was_there(name: str, versions: pd.DataFrame, added: pd.DataFrame) -> np.ndarray:
    """Return which added rows belong to a race, or a session of one, of which the table held rows already."""
    session = [column for column in ("race_id", "session") if column in SPECS[name].key]
    if not session:
        return np.zeros(len(added), dtype=bool)
    return np.asarray(pd.MultiIndex.from_frame(added[session]).isin(pd.MultiIndex.from_frame(versions[session])))


def _known(previous: np.ndarray, fetched_at: datetime, index: pd.Index) -> pd.Series:
    after = pd.Series(pd.DatetimeIndex(previous, tz="UTC"), index=index).astype(UTC_US) + BEFORE
    return after.clip(lower=pd.Timestamp(fetched_at)).astype(UTC_US)


def _fingerprint(content: pd.DataFrame) -> np.ndarray:
    return np.asarray(pd.util.hash_pandas_object(content, index=False))
