"""What a session shows of each car, as a score with a spread of about one, highest is best; nan for a car that showed nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pitwall.ml.relbench.features.tick import Array

FEWEST = 5  # cars with a time, or the order is taken
MOST_GAP = 3.5  # percent
Observe = Callable[[pd.DataFrame], Array]


def savage(place: Array) -> Array:
    """Return Savage scores of an order: minus the expected arrival of exponential times, the linear view of Plackett-Luce.

    Args:
        place: (n,) places, nan for a car that is left out; ties in the order of the rows.

    Returns:
        (n,) scores, mean 0 and standard deviation 1.
    """
    scores = np.full(len(place), np.nan)
    there = np.flatnonzero(~np.isnan(place))
    if len(there) > 1:
        table = -np.log(np.cumsum(1.0 / np.arange(len(there), 0, -1)))
        scores[there[np.argsort(place[there], kind="stable")]] = (table - table.mean()) / table.std()
    return scores


def finish(rows: pd.DataFrame) -> Array:
    """Score a race by the order of the cars that ran to the end."""
    return savage(rows["order"].where(rows["retired"] == 0).to_numpy(dtype=np.float64))


def classified(rows: pd.DataFrame) -> Array:
    """Score a race by the order of all cars, those that retired behind."""
    return savage(rows["order"].to_numpy(dtype=np.float64))


def pace(rows: pd.DataFrame) -> Array:
    """Score a race by the gaps of good laps, by the order where there are no laps."""
    return _gaps(rows["pace"], finish(rows))


def grid(rows: pd.DataFrame) -> Array:
    """Score a qualifying by its order."""
    return savage(rows["place"].to_numpy(dtype=np.float64))


def gap(rows: pd.DataFrame) -> Array:
    """Score a qualifying by its gaps, by its order where there are no times."""
    return _gaps(rows["gap"], grid(rows))


def gap_of_race(rows: pd.DataFrame) -> Array:
    """Score the qualifying of a race as `gap` does, from the race's own lines."""
    return _gaps(rows["qualifying_gap"], savage(rows["qualifying_place"].to_numpy(dtype=np.float64)))


def _gaps(values: pd.Series, otherwise: Array) -> Array:
    found = -values.clip(upper=MOST_GAP).to_numpy(dtype=np.float64)
    return found if (~np.isnan(found)).sum() >= FEWEST else otherwise
