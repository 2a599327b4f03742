"""What the laps of a race say of a car: its running place and its pace, as scores for the filter of `_filter`.

A finish is one noisy look at a race; the running place over all laps is many, and it counts a car that led until it
broke. Where a race has no recorded laps (before 1996, and in worlds without them) the finish and the fastest lap stand in;
so does the finish where its laps have no places.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.ratings import READS, Observe, RatingSettings, race_order, race_pace, savage
from pitwall.features.machinery.shared.states import starters

KEYS = ["race_id", "driver_id"]
FEWEST_LAPS = 8  # below that a car has shown nothing
QUICK = 0.25  # the quantile of a car's laps that shows its pace: free laps, without stops and traffic


def running_order(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the order of the mean places at the end of laps 2, 3, ..., for as long as a car ran."""
    laps = tables["lap_times"].dropna(subset="place")
    places = laps[laps["lap"] > 1].groupby(KEYS)["place"].agg(["mean", "count"]).reset_index()
    places["running"] = places["mean"].where(places["count"] >= FEWEST_LAPS)
    cars = _cars(tables, laps, places)
    return cars.assign(score=savage(cars["running"], cars["race_id"])).pipe(_or_else, race_order(tables, settings))


def lap_pace(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the gap of the quick laps (their lower quartile) to the best car's, in %."""
    laps = tables["lap_times"].dropna(subset="seconds")
    quick = quick_laps(laps)
    quick["quick"] = np.log(quick["quick"].where(quick["laps"] >= FEWEST_LAPS))
    cars = _cars(tables, laps, quick)
    gap = 100 * (cars["quick"] - cars.groupby("race_id")["quick"].transform("min"))
    return cars.assign(score=-gap.clip(upper=settings.gap_cap_pct)).pipe(_or_else, race_pace(tables, settings))


def quick_laps(laps: pd.DataFrame) -> pd.DataFrame:
    """Return `KEYS`, `laps` (how many) and `quick` (their lower quartile, in s) of each car and race, sorted by key.

    All laps are sorted once, and each car's quartile is read at its place between two of them, as NumPy interpolates.
    """
    race, driver, seconds = (laps[name].to_numpy() for name in (*KEYS, "seconds"))
    order = np.lexsort((seconds, driver, race))
    race, driver, seconds = race[order], driver[order], seconds[order].astype(np.float64)
    starts = np.flatnonzero(np.r_[True, (race[1:] != race[:-1]) | (driver[1:] != driver[:-1])][: len(race)])
    count = np.diff(np.r_[starts, len(race)])
    below, share = np.divmod((count - 1) * QUICK, 1.0)
    lower = starts + below.astype(np.int64)
    left, right = seconds[lower], seconds[np.minimum(lower + 1, starts + count - 1)]
    step = right - left
    quick = np.where(share < 0.5, left + step * share, right - step * (1.0 - share))
    quick = np.where(np.isnan(seconds[starts + count - 1]), np.nan, quick)  # nulls are sorted last
    return pd.DataFrame({"race_id": race[starts], "driver_id": driver[starts], "laps": count, "quick": quick})


def _cars(tables: Tables, laps: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Return the starters of races with such laps, with what these showed; known when results and laps are."""
    cars = starters(tables)
    known = laps.groupby("race_id", as_index=False)["known_at"].max()
    cars = cars.merge(known.rename(columns={"known_at": "laps_known_at"}), on="race_id")
    later = cars["known_at"] >= cars["laps_known_at"]
    cars["known_at"] = cars["known_at"].where(later, cars["laps_known_at"]).astype(UTC_US)
    return cars.merge(shown, on=KEYS, how="left")


def _or_else(cars: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Return the cars, and those of the races that are missing among them from the substitute."""
    columns = [*KEYS, "constructor_id", "score", *STAMPS]
    rest = others[~others["race_id"].isin(cars["race_id"])]
    return pd.concat([cars[columns], rest[columns]], ignore_index=True)


LAP_OBSERVATIONS: dict[str, Observe] = {"running": running_order, "lap_pace": lap_pace}
LAP_READS = (*READS, "lap_times")
