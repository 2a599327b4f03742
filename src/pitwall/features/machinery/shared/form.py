"""Quantities that form groups share: pace gaps, points shares, the grid beside the result, the last values and their trend."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.states import starters, with_lineage

PARTS = ["q1", "q2", "q3"]
Array = npt.NDArray[np.float64]


def starters_with_grid(tables: Tables) -> pd.DataFrame:
    """Return `starters` with the slot that each car started from (`grid`), known when both are."""
    slots = tables["grid"][["race_id", "driver_id", "grid", "known_at"]].rename(columns={"known_at": "grid_known_at"})
    rows = starters(tables).merge(slots.astype({"grid": "float64"}), on=["race_id", "driver_id"], how="left")
    later = rows["known_at"] >= rows["grid_known_at"].fillna(rows["known_at"])
    rows["known_at"] = rows["known_at"].where(later, rows["grid_known_at"])
    return rows


def pace_gap(rows: pd.DataFrame) -> pd.Series:
    """Return the gap of each car's fastest lap to the race's fastest, in %; null where no lap was recorded."""
    best = rows.groupby("race_id")["fastest_lap"].transform("min")
    return 100 * (rows["fastest_lap"] / best - 1)


def season_pace(rows: pd.DataFrame, key: str, cap: float = 7.0) -> pd.Series:
    """Return the mean pace gap of an entity over its season so far (rows in time order), single gaps capped at `cap` %."""
    gap = pace_gap(rows).clip(upper=cap)
    means = gap.groupby([rows[key], rows["season"]]).expanding().mean()
    return means.droplevel([0, 1]).reindex(rows.index)


def points_share(rows: pd.DataFrame) -> pd.Series:
    """Return each car's share of the points given in its race; 0 where a race gave none."""
    total = rows.groupby("race_id")["points"].transform("sum")
    return (rows["points"] / total.where(total > 0)).fillna(0.0)


def gap_to_pole(lines: pd.DataFrame) -> pd.Series:
    """Return the gap of each car's best qualifying time to the best of all, in %; null without a time."""
    own = lines[PARTS].min(axis=1)
    return 100 * (own / own.groupby(lines["race_id"]).transform("min") - 1)


def quali_gap_of_teams(tables: Tables, cap: float) -> pd.DataFrame:
    """Return one row per qualifying and team (`lineage`), in time order: `gap` of its better car to the best time, in %, at most `cap`."""
    lines = with_lineage(tables["qualifying"], tables).merge(tables["races"][["race_id", "season"]], on="race_id")
    lines["gap"] = gap_to_pole(lines).clip(upper=cap)
    lines[STAMPS] = lines.groupby("race_id")[STAMPS].transform("max")
    return lines.groupby(["event_timestamp", "race_id", "lineage"], as_index=False).agg(
        season=("season", "first"), known_at=("known_at", "max"), gap=("gap", "min")
    )


def last_values(rows: pd.DataFrame, keys: str | list[str], column: str, window: int) -> Array:
    """Return rows x `window`: the last values of a column per entity, oldest first, NaN where there were fewer.

    Args:
        rows: in time order.
        keys: the entity's id columns.
        column: of numbers.
        window: how many values, the row's own included.
    """
    by_entity = rows[column].astype("float64").groupby([rows[key] for key in np.atleast_1d(keys)])
    return np.column_stack([by_entity.shift(back) for back in reversed(range(window))])


def trend(values: Array, fewest: int = 3) -> Array:
    """Return the least-squares slope along each row, per step; NaN below `fewest` values.

    Example:
        >>> trend(np.array([[9.0, 7.0, 5.0], [np.nan, 2.0, 3.0]])).tolist()
        [-2.0, nan]
    """
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    step = np.where(known, np.arange(values.shape[1], dtype=np.float64), 0.0)
    value = np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(known, step - (step.sum(axis=1) / count)[:, None], 0.0)
        slope = (step * value).sum(axis=1) / (step**2).sum(axis=1)
    return np.where(count >= fewest, slope, np.nan)
