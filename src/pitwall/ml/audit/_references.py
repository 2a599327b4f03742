"""What a race's order is compared with: the grid and the rest of the season, seen in hindsight.

No feature that is correct in time knows a driver's other races of the season, before and after, nor (before qualifying)
the grid. So the best mixture of both is a generous idea of what can be known, and what goes far beyond it knew the race.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.audit._labels import correlations

Array = npt.NDArray[np.float64]
MIXTURES = (0.0, 0.25, 0.5, 0.75, 1.0)
KEY = ["race_id", "driver_id"]


class Mean(NamedTuple):
    """A mean over races with a two-sided interval by Student's t."""

    value: float
    low: float
    high: float
    races: int


def mean_of(per_race: Array, confidence: float) -> Mean:
    """Return the mean over races with its interval; an infinite one below three races."""
    from scipy.special import stdtrit

    count = len(per_race)
    if count < 3:
        return Mean(float(per_race.mean()) if count else 0.0, -np.inf, np.inf, count)
    reach = stdtrit(count - 1, 0.5 + confidence / 2) * per_race.std(ddof=1) / np.sqrt(count)
    value = float(per_race.mean())
    return Mean(value, value - float(reach), value + float(reach), count)


def references(cars: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return per car the centred ranks (0 where unknown) of its slot, its qualifying and its season without this race.

    Args:
        cars: `Subject.cars`.
        tables: with grid and qualifying where there are any.
    """
    season = cars.groupby(["season", "driver_id"])["place"]
    others = season.transform("size") - 1
    ranks = {"season": (season.transform("sum") - cars["place"]) / others.where(others > 0)}
    for name, column in (("grid", "grid"), ("qualifying", "place")):
        if name in tables:
            newest = tables.only(name).as_of()[name]
            lines = newest[[*KEY, column]].rename(columns={column: "found"})
            ranks[name] = cars[KEY].merge(lines, on=KEY, how="left")["found"]
    return pd.DataFrame({name: centred(cars["race_id"], values) for name, values in ranks.items()})


def centred(race: pd.Series, values: pd.Series) -> pd.Series:
    """Return ranks within the race as shares of its field around 0; 0 where unknown."""
    per = values.astype("float64").groupby(race.to_numpy())
    ranks = (per.rank() - (per.transform("count") + 1) / 2) / per.transform("count").clip(lower=1)
    return ranks.fillna(0.0)


def best_mixture(cars: pd.DataFrame, known: pd.DataFrame, fit: npt.NDArray[np.bool_]) -> Array:
    """Return the mixture of grid and season that orders the races of the cars in `fit` best."""
    grid = known["grid"] if "grid" in known else known["season"]
    mixed = [(share * grid + (1 - share) * known["season"]).to_numpy() for share in MIXTURES]
    place, race = cars["place"].to_numpy(), cars["race_id"].to_numpy()
    skill = [correlations(each[fit], place[fit], race[fit])[0].mean() for each in mixed]
    return np.asarray(mixed[int(np.argmax(skill))])
