"""Quantities that driver form and team form share: pace gaps and points shares of a race."""

from __future__ import annotations

import pandas as pd


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
