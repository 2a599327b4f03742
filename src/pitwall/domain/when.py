"""Stages, session times and publication delays: what "known at" means, in one place.

A feature row may be used at a cut-off t only if `event_timestamp < t` and `known_at <= t`. All instants are timezone-aware
UTC with microsecond precision.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import pandas as pd

from pitwall.domain.params import TimeParams

UTC_US = "datetime64[us, UTC]"
BEFORE = timedelta(microseconds=1)


class Stage(StrEnum):
    """The instant at which a forecast is made."""

    PRE_WEEKEND = "pre_weekend"
    PRE_QUALIFYING = "pre_qualifying"
    PRE_RACE = "pre_race"
    IN_RACE = "in_race"


CUTOFF_COLUMN = {
    Stage.PRE_WEEKEND: "practice_at",
    Stage.PRE_QUALIFYING: "qualifying_at",
    Stage.PRE_RACE: "starts_at",
}


def hours(value: float) -> pd.Timedelta:
    """Return `value` hours as a timedelta."""
    return pd.Timedelta(hours=value)


def cutoffs(races: pd.DataFrame, stage: Stage) -> pd.Series:
    """Return the cut-off of every race of a `races` table at a stage that precedes the race."""
    return races[CUTOFF_COLUMN[stage]]


def race_end(races: pd.DataFrame, time: TimeParams) -> pd.Series:
    """Return the (assumed) end of each race."""
    return races["starts_at"] + hours(time.race_lasts_h)


def as_utc(values: pd.Series) -> pd.Series:
    """Return instants as UTC with microseconds, the one time type of tables and features (nanoseconds break DuckDB)."""
    return pd.to_datetime(values, utc=True).astype(UTC_US)
