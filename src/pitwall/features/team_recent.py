"""A team's last races in plain numbers: how long its stops take, how often its cars last, where its points are heading.

A team is a lineage: a rename does not lose its history.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import last_values, points_share, trend
from pitwall.features.machinery.shared.states import (
    cumulative_known,
    per_constructor,
    rolling_mean,
    starters,
    with_lineage,
)

KEY = "lineage"
NO_RACE = "the team has not started a race yet"


class Settings(Section):
    """Windows in races; a stop longer than `longest_stop_s` is a repair or a stoppage of the race."""

    stop_window: int = 5
    reliability_window: int = 10
    trend_window: int = 6
    longest_stop_s: float = 120.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team."""
    cars = with_lineage(starters(tables), tables)
    rows = _by_team(cars).merge(_stops(tables, cars, settings), on=["race_id", KEY], how="left")
    rows["known_at"] = rows[["known_at", "stops_known_at"]].max(axis=1)
    rows["avg_pit_stop_time"] = rolling_mean(rows, KEY, "stop", settings.stop_window)
    lasted, started = (rolling_mean(rows, KEY, name, settings.reliability_window) for name in ("lasted", "cars"))
    rows["reliability_rate"] = lasted / started
    rows["points_trajectory"] = trend(last_values(rows, KEY, "share", settings.trend_window))
    rows["known_at"] = cumulative_known(rows, [KEY])
    return per_constructor(rows, tables)[GROUP.columns]


def _by_team(cars: pd.DataFrame) -> pd.DataFrame:
    """Return one row per race and team: its share of the points, its cars and how many of them lasted."""
    cars = cars.assign(share=points_share(cars), lasted=1.0 - cars["retired"])
    return cars.groupby(["event_timestamp", "race_id", KEY], as_index=False).agg(
        known_at=("known_at", "max"), share=("share", "sum"), lasted=("lasted", "sum"), cars=("lasted", "size")
    )


def _stops(tables: Tables, cars: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the team's median stop of each race, in s."""
    stops = tables["pit_stops"]
    stops = stops[stops["seconds"] <= settings.longest_stop_s]
    stops = stops.merge(cars[["race_id", "driver_id", KEY]], on=["race_id", "driver_id"])
    return stops.groupby(["race_id", KEY], as_index=False).agg(
        stop=("seconds", "median"), stops_known_at=("known_at", "max")
    )


GROUP = FeatureGroup(
    name="team_recent",
    entities=("constructor",),
    reads=("races", "results", "pit_stops", "constructors"),
    features=(
        Feature(
            "avg_pit_stop_time",
            "s",
            "mean of the team's median time in the pit lane over its last `stop_window` races; longer than "
            "`longest_stop_s` does not count; lanes differ in length, team_stop_loss of team_form compares within races",
            "no pit stop recorded in that window (none before 2011)",
        ),
        Feature(
            "reliability_rate",
            "share",
            "share of its cars that did not retire in its last `reliability_window` races",
            NO_RACE,
        ),
        Feature(
            "points_trajectory",
            "share/race",
            "slope of the team's share of a race's points over its last `trend_window` races; positive is improving",
            "fewer than three races",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("team",),
    reach="entity",
)
