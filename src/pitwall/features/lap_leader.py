"""A car and the race's leader after each lap: how the gap has changed, what the leader does, where the gap should go.

The leader of a lap is the first car to complete it. The projection follows the three cars that led the newest lap that had been led
by then: each goes on at its own pace, one that ended its lap in the pits loses a stop, and whoever is first then is the leader. A
lapped car meets a leader who has driven some of the laps to come already: of these the crossings count, not the pace. All of it
had happened when the car crossed the line.
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
from pitwall.features.machinery.shared.green_window import last_green, median_of_known
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.features.machinery.shared.states import cumulative_known

LAP = ["race_id", "lap"]
FRONT = 3  # cars that led a lap, of which one leads the laps after it
BACK = (1, 3, 5)
MOST_LAPS = 1000  # no race has so many
AHEAD = {"gap_next_lap": 1, "gap_five_laps": 5}


class Settings(Section):
    """`stop_s` seconds are what a car that ended its lap in the pits is taken to lose on the next one."""

    stop_s: float = 20.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    green = lap_reasons(rows, tables, over=False) == GREEN
    rows["pace"] = median_of_known(last_green(rows, green, CAR, 5))
    rows["in_lap"] = rows["pit_in_seconds"].notna().astype("float64")
    rows["stops"] = rows.groupby(CAR)["in_lap"].cumsum()
    rows = rows.sort_values(["race_id", "end_seconds", "driver_id"], ignore_index=True)
    ends = _LapEnds(rows)
    _beside_leader(rows, ends)
    _changes(rows)
    for name, laps in AHEAD.items():
        rows[name] = _projected(rows, ends, laps, settings.stop_s)
    rows["known_at"] = reasons_known_at(rows, tables)
    rows["known_at"] = cumulative_known(rows, ["race_id"])
    return rows[GROUP.columns]


def _beside_leader(rows: pd.DataFrame, ends: _LapEnds) -> None:
    """Add what the first and the second car to complete this lap did, the second where it had by now."""
    lap = rows.groupby(LAP)
    led = {name: lap[name].transform("first") for name in ("end_seconds", "in_lap", "stops", "tyre_laps")}
    rows["gap"] = rows["end_seconds"] - led["end_seconds"]
    rows["leader_pace_diff"] = ends.seen("pace", 0) - rows["pace"]
    rows["leader_last_diff"] = ends.seen("seconds", 0) - rows["pace"]
    rows["leader_in_lap"], rows["leader_stops_diff"] = led["in_lap"], led["stops"] - rows["stops"]
    rows["leader_tyre_age"], rows["leader_age_diff"] = led["tyre_laps"], led["tyre_laps"] - rows["tyre_laps"]
    rows["leader_margin"] = ends.seen("end_seconds", 1) - led["end_seconds"]
    rows["second_pace_diff"] = ends.seen("pace", 1) - rows["pace"]
    rows["second_in_lap"] = ends.seen("in_lap", 1)


class _LapEnds:
    """Who ended each lap first, second, ...: values of these cars by lap, as arrays, which tables would give a hundred times slower.

    Args:
        rows: laps in the order of their completion within each race.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = rows
        self._key = rows["race_id"].to_numpy(np.int64) * MOST_LAPS + rows["lap"].to_numpy(np.int64)
        self._laps, self._lap = np.unique(self._key, return_inverse=True)
        self._number = rows.groupby(LAP).cumcount().to_numpy()

    def seen(self, column: str, place: int) -> pd.Series:
        """Return a value of the car that completed this lap in a place (0 is first), null where it had not by now."""
        told = self._told(self._rows[column], place)[self._lap]
        return pd.Series(np.where(self._number >= place, told, np.nan), self._rows.index)

    def later(self, values: pd.Series, place: int, laps: int) -> npt.NDArray[np.float64]:
        """Return for each row a value of the car that completed a lap some laps from now in a place, whenever that was."""
        at = np.minimum(np.searchsorted(self._laps, self._key + laps), len(self._laps) - 1)
        return np.where(self._laps[at] == self._key + laps, self._told(values, place)[at], np.nan)

    def _told(self, values: pd.Series, place: int) -> npt.NDArray[np.float64]:
        found, there = np.full(len(self._laps), np.nan), self._number == place
        found[self._lap[there]] = values.to_numpy(np.float64)[there]
        return found


def _changes(rows: pd.DataFrame) -> None:
    """Add how much the gap has grown over some laps."""
    car = rows.groupby(CAR)
    for back in BACK:
        change = rows["gap"] - car["gap"].shift(back)
        rows[f"gap_change_{back}"] = change.where(car["lap"].shift(back) == rows["lap"] - back)


def _projected(rows: pd.DataFrame, ends: _LapEnds, laps: int, stop_s: float) -> pd.Series:
    """Return where the gap should be some laps from now, by the newest lap that any car had completed by now."""
    usual = rows["pace"].fillna(rows["seconds"])
    own = rows["end_seconds"] + laps * usual + stop_s * rows["in_lap"]
    found, now = pd.Series(np.nan, rows.index), rows["end_seconds"].to_numpy()
    for done in range(laps + 1):
        there = []
        for place in range(FRONT):
            end, pace, stopped = (
                ends.later(each, place, done) for each in (rows["end_seconds"], usual, rows["in_lap"])
            )
            ahead = (laps - done) * pace + stop_s * stopped if done < laps else 0.0
            there.append(np.where(end <= now, end + ahead, np.nan))  # null where it was not there yet
        first = pd.Series(np.fmin.reduce(there), rows.index)
        found = (own - first).clip(lower=0.0).where(first.notna(), found)
    return found


def _feature(name: str, unit: str, meaning: str, null: str = "before the end of the first lap") -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


PACES = "one of the two has no green lap yet"
NO_SECOND = "leads, or before the first lap's end"
GROUP = FeatureGroup(
    name="lap_leader",
    entities=("race", "driver"),
    reads=READS,
    features=(
        *(
            _feature(
                f"gap_change_{back}",
                "s",
                f"time behind the leader less what it was {back} lap{'s' * (back > 1)} before",
                "fewer laps than that so far",
            )
            for back in BACK
        ),
        _feature("leader_pace_diff", "s", "pace (median of five green laps) of the leader less the own", PACES),
        _feature("leader_last_diff", "s", "last lap of the leader less the own pace", "no green lap yet"),
        _feature("leader_in_lap", "0/1", "1 if the leader ended the lap in the pits"),
        _feature("leader_stops_diff", "stops", "times that the leader entered the pits less the own"),
        _feature("leader_tyre_age", "laps", "laps driven on the leader's set of tyres", "the tyre is not recorded"),
        _feature("leader_age_diff", "laps", "the same less those on the own set", "a tyre is not recorded"),
        _feature("leader_margin", "s", "time between the leader and the second car", NO_SECOND),
        _feature("second_pace_diff", "s", "pace of the second car less the own", f"leads, or {PACES}"),
        _feature("second_in_lap", "0/1", "1 if the second car ended the lap in the pits", NO_SECOND),
        *(
            _feature(
                name,
                "s",
                f"projected time behind the leader {laps} lap{'s' * (laps > 1)} from now: the first {FRONT} cars and this one go on at "
                "their pace, `stop_s` lost by one in the pits, laps that were led by now taken as they were",
                "no lap has a time yet",
            )
            for name, laps in AHEAD.items()
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "gap"),
    reach="race",
)
