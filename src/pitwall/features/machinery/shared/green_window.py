"""The last green laps as they stood at each lap of a race under way: a deletion changes them some laps after the fact.

Race control deletes a lap a minute or two after it ended, and the laps do not say when. It is taken to be known
`DELETED_AFTER` laps of the car later; until then the lap counts as what it looked like.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.features.machinery.shared.green import CAR, is_true

DELETED_AFTER = 3


def last_green(rows: pd.DataFrame, green: pd.Series, by: list[str], width: int) -> npt.NDArray[np.float64]:
    """Return the times of the last `width` green laps at each lap, newest last, NaN on the left where there are fewer.

    Args:
        rows: laps in the order of their completion.
        green: which of them were green when they ended; one that is deleted leaves `DELETED_AFTER` laps of its car later.
        by: whose laps count together: those of a car or of a race.
        width: how many laps.
    """
    seconds, enters = rows["seconds"].to_numpy(float), green.to_numpy(bool)
    leaves = deletions(rows, green, CAR)
    last = np.full((len(rows), width), np.nan)
    for places in rows.groupby(by, sort=False).indices.values():
        standing: list[int] = []
        for place in places:
            if enters[place]:
                standing.append(place)
            if leaves[place] >= 0:
                standing.remove(leaves[place])
            if newest := standing[-width:]:
                last[place, -len(newest) :] = seconds[newest]
    return last


def last_known(rows: pd.DataFrame, values: pd.Series, by: list[str], width: int) -> npt.NDArray[np.float64]:
    """Return the last `width` values that are not null at each row, newest last, NaN on the left where there are fewer.

    Args:
        rows: in the order in which the values became known, with the columns of `by`.
        values: aligned with the rows; those of rows that add none are null.
        by: whose values count together.
        width: how many.
    """
    told = values.astype("float64").dropna()
    of_told = told.groupby([rows.loc[told.index, key] for key in by])
    windows = np.column_stack([of_told.shift(back) for back in reversed(range(width))])
    number = values.notna().groupby([rows[key] for key in by]).cumsum()
    newest = pd.Series(np.arange(len(told)), told.index).reindex(rows.index)
    newest = newest.groupby([rows[key] for key in by]).ffill().fillna(-1).astype("int64")
    found = np.full((len(rows), width), np.nan)
    any_yet = (number > 0).to_numpy()
    found[any_yet] = windows[newest.to_numpy()[any_yet]]
    return found


def median_of_known(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the median of each row over its values that are not NaN, NaN where there is none.

    Example:
        >>> median_of_known(np.array([[np.nan, 3.0, 1.0], [np.nan, np.nan, np.nan]])).tolist()
        [2.0, nan]
    """
    ordered, count = np.sort(values, axis=1), (~np.isnan(values)).sum(axis=1)
    place, row = np.maximum(count - 1, 0), np.arange(len(values))
    return np.asarray((ordered[row, place // 2] + ordered[row, (place + 1) // 2]) / 2)


def deletions(rows: pd.DataFrame, green: pd.Series, by: list[str]) -> npt.NDArray[np.int64]:
    """Return at each lap the place among the rows of the lap whose deletion becomes known there, -1 for none.

    Args:
        rows: laps in the order of their completion.
        green: which of them were green when they ended.
        by: the laps of a car, or of a stint, among which `DELETED_AFTER` is counted.
    """
    deleted = is_true(rows["deleted"]) & green.to_numpy(bool)
    place = pd.Series(np.where(deleted, np.arange(len(rows)), -1), rows.index)
    later = place.groupby([rows[key] for key in by]).shift(DELETED_AFTER, fill_value=-1)
    return np.asarray(later.fillna(-1), dtype=np.int64)
