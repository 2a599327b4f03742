"""Publish the laps of the synthetic world as FastF1 reads them: laps, weather, track status and session status.

The feed's clock stands at `FEED_START` when the lights go out. A red flag stops the race for `STOPPAGE`; the lap on which it is
shown has no time, as in the real feed.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.sources.synthetic_world.publishing.dump import Dump
from pitwall.sources.synthetic_world.publishing.feed import FEED_START, air, messages, statuses_during
from pitwall.sources.synthetic_world.publishing.history import Round
from pitwall.sources.synthetic_world.publishing.results import lap_seconds
from pitwall.sources.synthetic_world.racing.course import Course, LapLog
from pitwall.sources.synthetic_world.racing.tyre import COMPOUNDS

STOPPAGE = 1500.0
PIT_ENTRY = 0.2  # share of the pit lane before the line
UNFINISHED = 0.6  # of a lap, after which a car that stops is given up
SPEEDS = {"SpeedI1": (262, 14), "SpeedI2": (252, 14), "SpeedFL": (267, 10), "SpeedST": (303, 9)}  # km/h: mean, sd
POWER_SPEED = 12.0  # km/h that a power circuit has more


class LapFiles:
    """Collects the tables of the lap format, one file of laps per season."""

    def __init__(self) -> None:
        self._laps: defaultdict[int, list[pd.DataFrame]] = defaultdict(list)
        self._logs: defaultdict[str, list[pd.DataFrame]] = defaultdict(list)

    def add(self, dump: Dump, each: Round, course: Course, rng: np.random.Generator) -> None:
        """Add a race; its lap times also go into the dump."""
        log = course.log
        assert log is not None
        laps = _laps(each, course, log)
        events = messages(laps, log)
        weather = air(each, log, laps, rng)
        race = {"Season": each.season, "RoundNumber": each.number, "raceId": each.race_id}
        laps = _with_surroundings(laps, events, weather, each, rng)
        self._laps[each.season].append(laps.assign(**race))
        self._logs["track_status"].append(events.assign(**race))
        self._logs["weather"].append(weather.assign(**race))
        ends = float(laps["Time"].max())
        moments = [(FEED_START, "Started"), (ends, "Finished"), (ends + 300, "Finalised"), (ends + 350, "Ends")]
        self._logs["session_status"].append(pd.DataFrame(moments, columns=["Time", "Status"]).assign(**race))
        timed = laps[laps["LapTime"].notna()]
        for driver, lap, place, seconds in zip(
            timed["driverId"], timed["LapNumber"], timed["Position"], timed["LapTime"], strict=True
        ):
            line = {"raceId": each.race_id, "driverId": int(driver), "lap": int(lap), "position": int(place)}
            dump.files["lap_times"].append({**line, "milliseconds": round(seconds * 1000)})

    def write(self, folder: Path) -> None:
        """Write the files; none where no race was added."""
        for season, laps in self._laps.items():
            pd.concat(laps, ignore_index=True).to_parquet(folder / f"laps_{season}.parquet", index=False)
        for name, parts in self._logs.items():
            pd.concat(parts, ignore_index=True).to_parquet(folder / f"{name}.parquet", index=False)


def _laps(each: Round, course: Course, log: LapLog) -> pd.DataFrame:
    """Return the laps of all cars as driven, car by car, with their instants; a last unfinished one where a car stopped."""
    count, cars = np.array(log.clock).shape
    times = lap_seconds(log, course.laps[0])
    red = np.array(["5" in status for status in log.status])
    halted = STOPPAGE * (np.cumsum(red) - red)[:, None]  # the lap of the flag ends before the stoppage
    began, clock = np.array(log.began) + halted, np.array(log.clock) + halted
    began[0] = 0
    number = np.arange(1, count + 1)[:, None]
    completed = number <= course.laps[0]
    last = ~completed & (number == course.laps[0] + 1) & ~_finished(course)
    place = np.argsort(np.argsort(np.where(np.isnan(clock), np.inf, clock), axis=1, kind="stable"), axis=1) + 1
    stopped = np.array(log.stopped)
    came_out = np.vstack([np.zeros((1, cars), dtype=bool), stopped[:-1]])
    lane = each.circuit.pit_lane + np.vstack([np.zeros((1, cars)), np.array(log.pit_seconds)[:-1]])
    end = np.where(completed, clock, began + UNFINISHED * each.circuit.lap)
    compound = np.array(COMPOUNDS)[np.array(log.compound)]
    columns = {
        "driverId": np.broadcast_to(each.field.driver + 1, (count, cars)),
        "constructorId": np.broadcast_to(each.field.team + 1, (count, cars)),
        "LapNumber": np.broadcast_to(number, (count, cars)),
        "Position": np.where(completed, place, np.nan),
        "LapTime": np.where(completed & ~red[:, None], times, np.nan),
        "LapStartTime": np.round(FEED_START + began, 3),
        "Time": np.round(FEED_START + end, 3),
        "PitInTime": np.where(stopped & completed, FEED_START + clock - PIT_ENTRY * each.circuit.pit_lane, np.nan),
        "PitOutTime": np.where(came_out, FEED_START + began + lane - PIT_ENTRY * each.circuit.pit_lane, np.nan),
        "Stint": np.array(log.stint),
        "Compound": compound,
        "TyreLife": np.array(log.age),
        "FastF1Generated": last,
    }
    kept = (completed | last).T.ravel()
    return pd.DataFrame({name: values.T.ravel()[kept] for name, values in columns.items()}).round(3)


def _finished(course: Course) -> np.ndarray:
    """Return which cars saw the flag."""
    return np.asarray(~np.isin(course.fate[0], (1, 2)))


def _with_surroundings(
    laps: pd.DataFrame, events: pd.DataFrame, weather: pd.DataFrame, each: Round, rng: np.random.Generator
) -> pd.DataFrame:
    """Add sectors, speeds, the status of the track and the weather to laps."""
    shares = np.array(each.circuit.sectors) * (1 + rng.normal(0, 0.004, (len(laps), 3)))
    first, second = (np.round(laps["LapTime"] * shares[:, i] / shares.sum(axis=1), 3) for i in (0, 1))
    status = statuses_during(events, laps["LapStartTime"].to_numpy(), laps["Time"].to_numpy())
    pace = each.circuit.lap / laps["LapTime"].fillna(each.circuit.lap * 1.4)
    speeds = {
        name: np.round((mean + POWER_SPEED * each.circuit.power) * pace**0.5 + rng.normal(0, sd, len(laps)) / 2)
        for name, (mean, sd) in SPEEDS.items()
    }
    sample = np.searchsorted(weather["Time"].to_numpy(), laps["LapStartTime"].to_numpy(), side="right") - 1
    clean = laps["PitInTime"].isna() & laps["PitOutTime"].isna() & (laps["LapNumber"] > 1) & laps["LapTime"].notna()
    best = laps.groupby("driverId")["LapTime"].cummin()
    return laps.assign(
        LapTimeSource=np.where(laps["LapNumber"] == 1, "derived", "timing"),
        Sector1Time=first.where(laps["LapNumber"] > 1),
        Sector2Time=second,
        Sector3Time=(laps["LapTime"] - first - second).round(3),
        FreshTyre=True,
        **speeds,
        TrackStatus=status,
        IsAccurate=clean & pd.Series(status, index=laps.index).isin(["1", "12", "2", "21"]),
        IsPersonalBest=laps["LapTime"].eq(best) & laps["LapTime"].notna(),
        Deleted=False,
        **weather.drop(columns="Time").iloc[sample].reset_index(drop=True),
    )
