"""What all drivers of a tick share: the season's phase, how many races the last years had in such a window, how often cars fail."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features.tick import Named, Tick

YEAR = pd.Timedelta(days=364)  # whole weeks: races are on Sundays
YEARS = 3
SPANS = (100, 400)


def field(known: Known, tick: Tick, window: pd.Timedelta) -> Named:
    """Return what the drivers of a tick share, repeated for each of them.

    Args:
        known: what may be read. No calendar of races to come: what last year held at this time of the year stands for it.
        tick: who is asked about, and when.
        window: of the task.
    """
    rows, count = known.results, len(tick.drivers)
    last = int(rows["year"].iloc[-1]) if len(rows) else tick.seed.year
    phase = rows.loc[rows["year"] == tick.seed.year, "round"].max()
    shared = {
        "drivers": float(count),
        "day_of_year": float(tick.seed.dayofyear),
        "winter": float(last < tick.seed.year),
        "round": 0.0 if np.isnan(phase) else float(phase),
        "field_days_since_race": (known.instant - rows["at"].iloc[-1]) / pd.Timedelta(days=1) if len(rows) else np.nan,
        **_years_before(rows, known.instant, tick.seed, window),
        **_lately(rows, known.instant),
    }
    return {name: np.full(count, value) for name, value in shared.items()} | _asked(tick)


def _years_before(
    rows: pd.DataFrame, instant: pd.Timestamp, seed: pd.Timestamp, window: pd.Timedelta
) -> dict[str, float]:
    """Return what the same window held in the newest years that are over."""
    at = rows["at"].to_numpy()
    first = max(1, -int((instant - seed - window) // YEAR))
    found: dict[str, float] = {}
    failed, lapped = [], []
    for back in range(YEARS):
        start = (seed - (first + back) * YEAR).to_datetime64()
        inside = rows[(at > start) & (at <= start + window.to_timedelta64())]
        found[f"races_{back + 1}_years_ago"] = float(inside["race"].nunique())
        failed.append(inside["unfinished"].mean())
        lapped.append(inside["lapped"].mean())
    return found | {"unfinished_then": _mean(failed), "lapped_then": _mean(lapped)}


def _lately(rows: pd.DataFrame, instant: pd.Timestamp) -> dict[str, float]:
    found: dict[str, float] = {}
    for span in SPANS:
        new = rows[rows["at"].to_numpy() > (instant - pd.Timedelta(days=span)).to_datetime64()]
        found |= {
            f"field_{column}_{span}": float(new[column].mean())
            for column in ("unfinished", "retired", "lapped", "size")
        }
    return found


def _asked(tick: Tick) -> Named:
    if tick.asked is None or tick.newest is None:
        return {}
    return {"asked": tick.asked, "asked_last": tick.newest}


def _mean(values: list[float]) -> float:
    there = [each for each in values if not np.isnan(each)]
    return float(np.mean(there)) if there else np.nan
