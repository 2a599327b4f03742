"""A car's situation at the end of a lap, from the laps of the race so far."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.live.strategy.choices import Situation
from pitwall.live.strategy.learned import Learned
from pitwall.live.strategy.traffic import Rivals

Array = npt.NDArray[np.float64]
PACE_LAPS = 4  # the newest green ones of a car
PACE_SD_S = 0.25  # of what they tell, a lap
NO_SHARE = 0.5


def situation_of(laps: pd.DataFrame, driver_id: int, lap: int, distance: int, known: Learned) -> Situation | None:
    """Return the situation of a car as it ends a lap; None where it did not end it, or its tyre is not known, or is no dry one.

    Args:
        laps: of `seen_laps`, of the race alone.
        driver_id: the car.
        lap: that it has ended.
        distance: laps of the race.
        known: of the circuit.
    """
    own = laps[(laps["driver_id"] == driver_id) & (laps["lap"] <= lap)]
    now = own[own["lap"] == lap]
    if now.empty or now[["compound_id", "age"]].isna().any(axis=None):
        return None
    at = float(now["end_seconds"].iloc[0])
    seen = laps[laps["end_seconds"] <= at]
    usual = float(seen.loc[seen["green"], "seconds"].median())
    if np.isnan(usual):
        return None
    used = frozenset(own["compound_id"].dropna().astype(int))
    most = {number: max(1, round(known.longest.get(number, NO_SHARE) * distance)) for number in COMPOUNDS}
    compound, age = int(now["compound_id"].iloc[0]), float(now["age"].iloc[0])
    habit = lap - age + known.shares.get(compound, NO_SHARE) * distance
    rivals = _rivals(seen, driver_id, at, distance, known)
    return Situation(lap, distance, compound, age, used, usual, habit, most, rivals)


def _rivals(seen: pd.DataFrame, driver_id: int, at: float, distance: int, known: Learned) -> Rivals:
    """Return the cars that have not stopped for good, by their newest lap; those that are laps behind are left out."""
    pace = seen[seen["green"]].groupby("driver_id")["seconds"].apply(lambda each: float(each.tail(PACE_LAPS).median()))
    newest = seen.sort_values("lap").drop_duplicates("driver_id", keep="last").set_index("driver_id")
    own, mine = newest.loc[driver_id], float(pace.get(driver_id, np.nan))
    others = newest[(newest["lap"] >= own["lap"] - 1) & (newest.index != driver_id)]
    theirs = pace.reindex(others.index).fillna(mine if np.isfinite(mine) else float(pace.median()))
    clock = others["end_seconds"] + (own["lap"] - others["lap"]) * theirs - at
    draws = len(known.road.loss)
    apart = (theirs - (mine if np.isfinite(mine) else theirs.median())).to_numpy(dtype=np.float64)
    noise = np.random.default_rng([driver_id, int(own["lap"])]).normal(0.0, PACE_SD_S, (draws, len(others)))
    noise[0] = 0.0
    return Rivals(clock.to_numpy(dtype=np.float64), apart + noise, _stops_on(others, distance, known))


def _stops_on(others: pd.DataFrame, distance: int, known: Learned) -> Array:
    """Return the lap on which each rival's set is as old as such sets get; beyond the distance for one that lasts, or was stopped for."""
    share = others["compound_id"].map(known.shares).fillna(NO_SHARE)
    laps = np.maximum(share * distance - others["age"].fillna(0.0), 1.0)
    on = others["lap"] + laps.round()
    return np.asarray(np.where((on > distance - 5) | (others["stint"] > 1), distance + 1, on), dtype=np.float64)
