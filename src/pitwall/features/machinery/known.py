"""The join in time, in memory: what of one group's rows was known at each cut-off. For rows that no store holds.

Features of a session are not in the feature store, and neither are those of a test; they are looked up here with the very
rule of the store: an event before the cut-off, published by then, the newest such event in its newest such version.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.when import BEFORE, UTC_US
from pitwall.features.machinery.group import STAMPS, FeatureGroup


def as_known(spine: pd.DataFrame, group: FeatureGroup, rows: pd.DataFrame, *, inclusive: bool = False) -> pd.DataFrame:
    """Return, for each spine row, the stamps and features of the group's row that was known at its cut-off.

    Args:
        spine: the group's keys and `cutoff` (UTC).
        group: the feature group.
        rows: its table with all versions, as `build_group` returns it.
        inclusive: also see what happened at the cut-off itself, not only before it.

    Returns:
        `event_timestamp`, `known_at` and the features, null where nothing was known; the spine's rows, order and index.
    """
    asked = spine[[*group.keys, "cutoff"]].assign(asked=range(len(spine))).astype({"cutoff": UTC_US})
    usable = _by_availability(group, rows, inclusive)
    found = pd.merge_asof(
        asked.sort_values("cutoff", kind="stable"), usable, left_on="cutoff", right_on="available", by=group.keys
    )
    found = found.sort_values("asked", ignore_index=True)[[*STAMPS, *group.names]]
    return found.set_index(spine.index)


def _by_availability(group: FeatureGroup, rows: pd.DataFrame, inclusive: bool) -> pd.DataFrame:
    """Return the rows that are the newest of their key when they become available, in that order.

    A row that becomes available after a newer event of its key (a late correction) is never the answer: without such
    rows one plain as-of join is exact on both axes.
    """
    ordered = rows.sort_values([*STAMPS], kind="stable", ignore_index=True)
    happened = ordered["event_timestamp"] if inclusive else ordered["event_timestamp"] + BEFORE
    ordered["available"] = happened.where(happened >= ordered["known_at"], ordered["known_at"]).astype(UTC_US)
    ordered["rank"] = np.arange(len(ordered))
    ordered = ordered.sort_values(["available", "rank"], kind="stable", ignore_index=True)
    newest = ordered.groupby(group.keys)["rank"].cummax() == ordered["rank"]
    return ordered[newest].drop(columns="rank")
