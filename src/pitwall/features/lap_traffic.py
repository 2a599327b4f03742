"""Who is around a car on the track when a lap ends: how near, how quick, and whether it must be let by.

Cars are taken in the order in which they cross the line, whatever lap they are on: a lapped car slows those that follow it, and a
car that is a lap up comes through under blue flags. Who follows is told by the lap before: its crossing, plus the pace of that car.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.green import CAR, GREEN, READS, lap_reasons, reasons_known_at
from pitwall.features.machinery.shared.green_window import last_green, last_known, median_of_known
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.features.machinery.shared.states import cumulative_known

RACE = ["race_id"]
FOLLOWERS = 4  # cars behind that may come through during a lap
CLOSE = 3.0  # s beside the own pace; a lap further off had a reason of its own and says nothing of the track


class Settings(Section):
    """`shift_few` and `shift_many` laps of all cars, the newest ones, tell whether the track has become faster or slower.

    `field_laps` of them make the field's pace.
    """

    shift_few: int = 5
    shift_many: int = 20
    field_laps: int = 20


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    rows["green"] = lap_reasons(rows, tables, over=False) == GREEN
    rows["pace"] = median_of_known(last_green(rows, rows["green"], CAR, 5))
    rows["pace_before"] = rows.groupby(CAR)["pace"].shift()
    rows = rows.sort_values(["race_id", "end_seconds", "driver_id"], ignore_index=True)
    _same_lap(rows)
    _on_track(rows)
    _behind(rows)
    rows["leader_behind"] = _leader_behind(rows)
    field = last_known(rows, rows["seconds"].where(rows["green"]), RACE, settings.field_laps)
    rows["field_pace_diff"] = median_of_known(field) - rows["pace"]
    shift = (rows["seconds"] - rows["pace_before"]).where(rows["green"])
    shift = shift.where(shift.abs() < CLOSE)
    rows["field_shift_few"] = median_of_known(last_known(rows, shift, RACE, settings.shift_few))
    rows["field_shift_many"] = median_of_known(last_known(rows, shift, RACE, settings.shift_many))
    rows["known_at"] = reasons_known_at(rows, tables)
    rows["known_at"] = cumulative_known(rows, RACE)
    return rows[GROUP.columns]


def _same_lap(rows: pd.DataFrame) -> None:
    """Add what the car ahead in the race did: the last to complete this lap before."""
    crossing = rows.groupby(["race_id", "lap"])
    rows["ahead_pace_diff"] = crossing["pace"].shift() - rows["pace"]
    rows["ahead_last_diff"] = crossing["seconds"].shift() - rows["pace"]
    rows["gap_second_ahead"] = rows["end_seconds"] - crossing["end_seconds"].shift(2)
    gap = rows["end_seconds"] - crossing["end_seconds"].shift()
    rows["gap_ahead_change"] = gap - gap.groupby([rows[key] for key in CAR]).shift()


def _on_track(rows: pd.DataFrame) -> None:
    """Add the car that crossed the line last, on whatever lap it is; nobody did where that was the car itself."""
    race = rows.groupby(RACE)
    another = race["driver_id"].shift() != rows["driver_id"]
    rows["track_gap_ahead"] = (rows["end_seconds"] - race["end_seconds"].shift()).where(another)
    rows["track_ahead_pace_diff"] = (race["pace"].shift() - rows["pace"]).where(another)
    rows["track_ahead_last_diff"] = (race["seconds"].shift() - rows["pace"]).where(another)
    rows["track_ahead_laps"] = (race["lap"].shift() - rows["lap"]).astype("float64").where(another)


def _behind(rows: pd.DataFrame) -> None:
    """Add how far behind the next car, and the next one that is a lap up, should be by now.

    The cars that crossed the line after this one, a lap ago, are those that follow; a crossing counts if it came before the
    end of this lap.
    """
    race, car = rows.groupby(RACE), [rows[key] for key in CAR]
    follows = (rows["lap"].groupby(car).shift() == rows["lap"] - 1).to_numpy()
    gaps: list[npt.NDArray[np.float64]] = []
    up: list[npt.NDArray[np.float64]] = []
    for after in range(1, FOLLOWERS + 1):
        who, crossed, pace, lap = (
            race[name].shift(-after).groupby(car).shift() for name in ("driver_id", "end_seconds", "pace", "lap")
        )
        seen = follows & (crossed <= rows["end_seconds"]).to_numpy() & (who != rows["driver_id"]).to_numpy()
        gap = np.where(seen, crossed + pace.fillna(rows["seconds"]) - rows["end_seconds"], np.nan)
        own = (rows["lap"] - 1).to_numpy(float)
        gaps.append(gap)
        up.append(np.where(lap.to_numpy(float) > own, gap, np.nan))
    rows["track_gap_behind"] = gaps[0]
    rows["lap_up_gap_behind"] = np.fmin.reduce(up)


def _leader_behind(rows: pd.DataFrame) -> pd.Series:
    """Return how long the leader will take to where the car is now: its pace less the time since it crossed the line."""
    race = rows.groupby(RACE)
    leads = rows["lap"] > race["lap"].cummax().groupby(rows["race_id"]).shift(fill_value=0)
    crossed, pace = (rows[name].where(leads).groupby(rows["race_id"]).ffill() for name in ("end_seconds", "pace"))
    return pace - (rows["end_seconds"] - crossed)


def _feature(name: str, unit: str, meaning: str, null: str) -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


LEADS = "leads, or one of the two has no green lap yet"
FIRST = "first to end a lap, or one of the two has no green lap yet"

GROUP = FeatureGroup(
    name="lap_traffic",
    entities=("race", "driver"),
    reads=READS,
    features=(
        _feature("ahead_pace_diff", "s", "pace (median of five green laps) of the car ahead less the own", LEADS),
        _feature("ahead_last_diff", "s", "last lap of the car ahead less the own pace", LEADS),
        _feature("gap_second_ahead", "s", "time behind the car ahead of the car ahead", "first or second"),
        _feature(
            "gap_ahead_change",
            "s",
            "time behind the car ahead less what it was a lap before",
            "leads, led a lap before, or first lap",
        ),
        _feature("track_gap_ahead", "s", "time since any car crossed the line, whatever its lap", "first to end a lap"),
        _feature("track_ahead_pace_diff", "s", "pace of that car less the own", FIRST),
        _feature("track_ahead_last_diff", "s", "last lap of that car less the own pace", FIRST),
        _feature("track_ahead_laps", "laps", "laps that it has completed more", "first to end a lap"),
        _feature(
            "track_gap_behind",
            "s",
            "how far behind the car that followed a lap ago should be, by its own pace",
            "before the second lap's end, nobody followed, or it had not crossed the line by then",
        ),
        _feature(
            "lap_up_gap_behind",
            "s",
            f"the same of the nearest car that is a lap or more up, among the {FOLLOWERS} that followed a lap ago",
            "none of them is, or had crossed the line by then",
        ),
        _feature(
            "leader_behind",
            "s",
            "how long the leader takes to come here: its pace less the time since it crossed the line; a whole lap for itself",
            "the leader has no green lap yet",
        ),
        _feature(
            "field_pace_diff",
            "s",
            "median of the newest `field_laps` green laps of all cars less the own pace",
            "no green lap of the car yet",
        ),
        _feature(
            "field_shift_few",
            "s",
            "median over the newest `shift_few` green laps of all cars of their time less their own pace before",
            "no green lap of a car with one before it yet",
        ),
        _feature(
            "field_shift_many",
            "s",
            "the same over the newest `shift_many`",
            "no green lap of a car with one before it yet",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "lap_time", "gap", "pit"),
    reach="race",
)
