"""What the laps of a race say of a car: its running place and its pace, as scores for the filter of `_filter`.

A finish is one noisy look at a race; the running place over all laps is many, and it counts a car that led until it
broke. Where a race has no recorded laps (before 1996, and in worlds without them) the finish and the fastest lap stand in.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features._group import STAMPS
from pitwall.features._ratings import READS, Observe, RatingSettings, race_order, race_pace, savage
from pitwall.features._states import starters

KEYS = ["race_id", "driver_id"]
FEWEST_LAPS = 8  # below that a car has shown nothing
QUICK = 0.25  # the quantile of a car's laps that shows its pace: free laps, without stops and traffic


def running_order(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the order of the mean places at the end of laps 2, 3, ..., for as long as a car ran."""
    laps = tables["lap_times"]
    places = laps[laps["lap"] > 1].groupby(KEYS)["place"].agg(["mean", "count"]).reset_index()
    places["running"] = places["mean"].where(places["count"] >= FEWEST_LAPS)
    cars = _cars(tables, places)
    return cars.assign(score=savage(cars["running"], cars["race_id"])).pipe(_or_else, race_order(tables, settings))


def lap_pace(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the gap of the quick laps (their lower quartile) to the best car's, in %."""
    quick = tables["lap_times"].groupby(KEYS)["seconds"].agg(["size", _quick]).reset_index()
    quick["quick"] = np.log(quick["_quick"].where(quick["size"] >= FEWEST_LAPS))
    cars = _cars(tables, quick)
    gap = 100 * (cars["quick"] - cars.groupby("race_id")["quick"].transform("min"))
    return cars.assign(score=-gap.clip(upper=settings.gap_cap_pct)).pipe(_or_else, race_pace(tables, settings))


def _quick(seconds: pd.Series) -> float:
    return float(np.quantile(seconds.to_numpy(), QUICK))


def _cars(tables: Tables, shown: pd.DataFrame) -> pd.DataFrame:
    """Return the starters of races with laps, with what their laps showed; known when results and laps are."""
    cars = starters(tables)
    laps = tables["lap_times"].groupby("race_id", as_index=False)["known_at"].max()
    cars = cars.merge(laps.rename(columns={"known_at": "laps_known_at"}), on="race_id")
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
