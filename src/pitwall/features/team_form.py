"""How a team has been doing: its cars' places, retirements, points, pace and pit stops over its last races.

A team is a lineage: a rename does not lose its history.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import pace_gap, points_share
from pitwall.features.machinery.shared.states import (
    carried,
    per_constructor,
    resets,
    rolling_mean,
    starters,
    with_lineage,
)

KEY = "lineage"
NO_RACE = "the team has not started a race yet"


class Settings(Section):
    """Windows in races; stops longer than `longest_stop_s` are repairs or stoppages."""

    window: int = 5
    reliability_window: int = 10
    longest_stop_s: float = 120.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team, and one at the start of the next season."""
    cars = with_lineage(starters(tables), tables)
    rows = _by_team(cars).merge(_stops(tables, cars, settings), on=["race_id", KEY], how="left")
    later = rows["known_at"] >= rows["stops_known_at"].fillna(rows["known_at"])
    rows["known_at"] = rows["known_at"].where(later, rows["stops_known_at"])
    rows["team_place_mean"] = rolling_mean(rows, KEY, "place", settings.window)
    rows["team_points_share"] = rolling_mean(rows, KEY, "share", settings.window)
    rows["team_stop_loss"] = rolling_mean(rows, KEY, "stop_loss", settings.window)
    rows["team_retired_rate"] = rolling_mean(rows, KEY, "retired", settings.reliability_window)
    season = rows.groupby([KEY, "season"])["gap"].expanding().mean()
    rows["team_pace_season"] = season.droplevel([0, 1]).reindex(rows.index)
    lasting = [name for name in GROUP.names if name != "team_pace_season"]
    columns = [KEY, *GROUP.columns[1:]]
    states = carried([rows[columns], resets(rows, KEY, tables)], [KEY], lasting)
    return per_constructor(states, tables)[GROUP.columns]


def _by_team(cars: pd.DataFrame) -> pd.DataFrame:
    """Return one row per race and team: mean over its cars, its share of the points, its best pace."""
    cars = cars.assign(share=points_share(cars), gap=pace_gap(cars).clip(upper=7.0), retired=cars["retired"] * 1.0)
    cars["place"] = cars["place"].astype("float64")
    per = cars.groupby(["event_timestamp", "race_id", KEY], as_index=False)
    return per.agg(
        season=("season", "first"),
        known_at=("known_at", "max"),
        place=("place", "mean"),
        share=("share", "sum"),
        gap=("gap", "min"),
        retired=("retired", "mean"),
    )


def _stops(tables: Tables, cars: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the team's median stop less the race's median stop, in seconds, per race and team."""
    stops = tables["pit_stops"]
    stops = stops[stops["seconds"] <= settings.longest_stop_s]
    stops = stops.merge(cars[["race_id", "driver_id", KEY]], on=["race_id", "driver_id"])
    stops["loss"] = stops["seconds"] - stops.groupby("race_id")["seconds"].transform("median")
    per = stops.groupby(["race_id", KEY], as_index=False)
    return per.agg(stop_loss=("loss", "median"), stops_known_at=("known_at", "max"))


GROUP = FeatureGroup(
    name="team_form",
    entities=("constructor",),
    reads=("races", "results", "pit_stops", "constructors"),
    features=(
        Feature("team_place_mean", "place", "mean place of the team's cars over its last `window` races", NO_RACE),
        Feature("team_points_share", "share", "mean share of a race's points over its last `window` races", NO_RACE),
        Feature(
            "team_stop_loss",
            "s",
            "mean of the team's median pit stop less the race's over its last `window` races",
            "no pit stop recorded in that window (none before 2011)",
        ),
        Feature(
            "team_retired_rate",
            "share",
            "share of its cars that retired in its last `reliability_window` races",
            NO_RACE,
        ),
        Feature(
            "team_pace_season",
            "%",
            "mean gap of its best fastest lap to the race's over the season so far",
            "no fastest lap recorded in the season so far (none before 2004)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("order", "team", "dnf"),
    reach="entity",
)
