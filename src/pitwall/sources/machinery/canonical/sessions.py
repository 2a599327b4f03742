"""When each session took place: recorded instants where the dump has them, assumed ones (flagged) where not.

All of it follows `params.yaml: time`. Instants are UTC with microseconds.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.when import as_utc, hours

PRACTICE_SPACING_H = 3.5
PRACTICE_ENDS_BEFORE_QUALIFYING_H = 2
SPRINT_BEFORE_QUALIFYING_H = 4


def instant(date: pd.Series, time: pd.Series) -> pd.Series:
    """Return date and time of day (s from midnight UTC) as UTC; null where either is missing and the date is none that holds a time."""
    day = date.dt.normalize()
    seconds = time.astype("float64")
    told = day + pd.to_timedelta(seconds.fillna(0.0), unit="s").where(seconds.notna())
    return as_utc(told.fillna(date.where(date != day)))


def session_times(raw: pd.DataFrame, time: TimeParams) -> pd.DataFrame:
    """Return the instants of every race's weekend.

    Args:
        raw: the parsed `races` file.
        time: the time rules.

    Returns:
        Indexed like `raw`: starts_at, qualifying_at, practice_at, sprint_at, the three `*_estimated` flags, and
        `FP1`..`FP4`, the starts of the practice sessions. A recorded session that would start after what follows it is
        a mistake of the dump and is replaced by the assumed instant.
    """
    times = pd.DataFrame(index=raw.index)
    start = instant(raw["date"], raw["time"])
    hour, minute = time.race_start_utc.split(":")
    assumed = instant(raw["date"], pd.Series(3600.0 * int(hour) + 60.0 * int(minute), raw.index))
    times["starts_at"], times["start_estimated"] = start.fillna(assumed), start.isna()
    for name, columns, before in (
        ("qualifying", "quali", time.qualifying_before_race_h),
        ("practice", "fp1", time.practice_before_race_h),
    ):
        limit = times["starts_at"] if name == "qualifying" else times["qualifying_at"]
        recorded = instant(raw[f"{columns}_date"], raw[f"{columns}_time"])
        recorded = recorded.where(recorded < limit)
        fallback = (times["starts_at"] - hours(before)).where(lambda t, last=limit: t < last, limit - hours(4))
        times[f"{name}_at"] = as_utc(recorded.fillna(fallback))
        times[f"{name}_estimated"] = recorded.isna()
    times["sprint_at"] = instant(raw["sprint_date"], raw["sprint_time"])
    return times.assign(**_practice_starts(raw, times))


def _practice_starts(raw: pd.DataFrame, times: pd.DataFrame) -> dict[str, pd.Series]:
    latest = times["qualifying_at"] - hours(PRACTICE_ENDS_BEFORE_QUALIFYING_H + 1)
    starts = {"FP1": times["practice_at"]}
    for number in (2, 3, 4):
        spaced = times["practice_at"] + hours(PRACTICE_SPACING_H * (number - 1))
        spaced = spaced.where(spaced <= latest, latest)
        if number < 4:
            recorded = instant(raw[f"fp{number}_date"], raw[f"fp{number}_time"])
            spaced = recorded.where(recorded < times["starts_at"]).fillna(spaced)
        starts[f"FP{number}"] = as_utc(spaced)
    return starts
