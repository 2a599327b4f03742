"""Where every car of a race stands at the instant at which the leader ends a lap, as far as anybody knows then.

Cars cross the line one after another, so at that instant most have ended one lap less. A car's gap is told by its newest crossing, against
the time that the one that leads now took for as many laps; where it should have crossed the line since and has not, the time since then
counts: a car that stands still falls back by the second. Of a car that has ended no lap yet nothing is told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.race_laps import completed_laps, usual_distance
from pitwall.features.machinery.shared.states import cumulative_known

Array = npt.NDArray[np.float64]
READS = ("laps", "races", "results")
IDS = ("race_id", "driver_id", "lap")
TOLD = ("place", "gap", "overdue", "missed")
NUMBERS = (*TOLD, "clock", "share")
COLUMNS = [*IDS, *STAMPS, *NUMBERS]


def standings(tables: Tables, visits: int, usual_s: float) -> pd.DataFrame:
    """Return a row per car that has ended a lap, race and lap of the leader, in time order within a race.

    `place`; `gap` (s) behind the leader; `overdue` (s), how long ago the car should have crossed the line at its gap and the leader's
    pace; `missed`, laps that it lacks beyond the one that it is on; `clock` (s) of the race; `share` of the distance that the leader has run.

    Args:
        tables: with `READS`.
        visits: races at a circuit that make its usual distance.
        usual_s: length (s) of a race where none was held before.
    """
    distance, found = usual_distance(tables, visits), [pd.DataFrame(columns=COLUMNS)]
    for race_id, laps in completed_laps(tables).groupby("race_id"):
        rows = _race(laps.sort_values(["end_seconds", "driver_id"]))
        share = rows["lap"] / float(distance.get(race_id, np.nan))
        share = share.fillna(rows["clock"] / usual_s).clip(upper=1.0)
        found.append(rows.assign(race_id=race_id, share=share)[COLUMNS])
    rows = pd.concat([each for each in found if len(each)] or found, ignore_index=True)
    types = {**dict.fromkeys(IDS, "int64"), **dict.fromkeys(STAMPS, UTC_US), **dict.fromkeys(NUMBERS, "float64")}
    return rows.astype(types)


def _race(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one race and `clock` (s), from its completed laps in the order in which they ended."""
    drivers, car = np.unique(laps["driver_id"], return_inverse=True)
    ends = np.full((len(drivers), int(laps["lap"].max()) + 1), np.inf)  # a car's crossings by lap
    ends[:, 0] = 0.0
    ends[car, laps["lap"]] = laps["end_seconds"]
    told_by = cumulative_known(
        laps.sort_values("event_timestamp", kind="stable"), ["race_id"]
    )  # whatever a lap says of its end
    laps = laps.assign(car=car, known_at=told_by)
    led = laps.drop_duplicates("lap").sort_values("lap", ignore_index=True)
    led = led.rename(columns={"end_seconds": "clock"})[["lap", "car", "clock", *STAMPS]]
    told = [_standing(ends, *each) for each in led[["lap", "car", "clock"]].itertuples(index=False)]
    numbers = pd.DataFrame(np.concatenate(told), columns=["number", *TOLD])
    of_lap = led.loc[led.index.repeat([len(each) for each in told])].reset_index(drop=True)
    return of_lap.join(numbers).assign(driver_id=lambda rows: drivers[rows["number"].astype(int)])


def _standing(ends: Array, lap: int, leader: int, clock: float) -> Array:
    """Return number, place, gap, overdue and missed of each car that has ended a lap as the leader ends one, cars x 5.

    Args:
        ends: cars x laps from 0, the clock (s) at each crossing, infinite where there is none; 0 at the start.
        lap: that the leader ends.
        leader: number of the car.
        clock: the instant (s).
    """
    done = np.minimum(np.where(ends <= clock, np.arange(ends.shape[1]), 0).max(axis=1), lap)
    cars = np.flatnonzero(done)
    done, others = done[cars], cars != leader
    led = np.where(np.isfinite(ends[leader]), ends[leader], np.nan)
    gap = np.nan_to_num(ends[cars, done] - led[done])
    since = np.nan_to_num(clock - led[np.minimum(done + 1, lap)])  # the leader ended the lap that this car is on
    behind = np.where(others, np.maximum(np.maximum(gap, since), 0.0), 0.0)
    place = np.empty(len(cars))
    place[np.lexsort((cars, gap, behind, others))] = np.arange(len(cars)) + 1.0
    overdue = np.where(others, np.maximum(since - np.maximum(gap, 0.0), 0.0), 0.0)
    return np.column_stack([cars, place, behind, overdue, np.where(others, np.maximum(lap - 1.0 - done, 0.0), 0.0)])
