"""What a car's own stops of this race, and those of both cars of its team, took beside what the lane makes ordinary."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.racing.pit_stops import NEAR_S
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.pit_lane.level import LaneSettings
from pitwall.features.machinery.shared.pit_lane.stops import READS, before_the_start, stops_so_far
from pitwall.features.machinery.shared.states import carried

CAR = ["race_id", "driver_id"]
TEAM = ["race_id", "constructor_id"]
MEANS = {"own_stops_diff": CAR, "team_stops_diff": TEAM}


def compute(tables: Tables, settings: LaneSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car when one of its stops, or of the other car of its team, became known."""
    stops = stops_so_far(tables, before_the_start(tables, settings), settings)
    off = stops["lane_seconds"] - stops["level"]
    stops["off"] = off.where(off.abs() <= NEAR_S)
    for name, keys in MEANS.items():
        stops[name] = _mean_so_far(stops, keys)
    cars = tables["laps"][[*CAR, "constructor_id"]].drop_duplicates()
    team = stops.drop(columns=["driver_id", "own_stops_diff"]).merge(cars, on=TEAM)
    streams = [stops[[*CAR, *STAMPS, *MEANS]], team[[*CAR, *STAMPS, "team_stops_diff"]]]
    return carried(streams, CAR, GROUP.names)[GROUP.columns]


def _mean_so_far(stops: pd.DataFrame, keys: list[str]) -> pd.Series:
    of = [stops[key] for key in keys]
    count = stops["off"].notna().groupby(of).cumsum()
    return stops["off"].fillna(0.0).groupby(of).cumsum() / count.where(count > 0)


def _feature(name: str, whose: str) -> Feature:
    meaning = f"mean of {whose} stops so far less the lane's ordinary stop as known after each; repairs and the like do not count"
    return Feature(name, "s", meaning, "no such stop is known yet", Stage.IN_RACE)


GROUP = FeatureGroup(
    name="car_stops",
    entities=("race", "driver"),
    reads=READS,
    features=(_feature("own_stops_diff", "the car's own"), _feature("team_stops_diff", "its team's")),
    compute=compute,
    Settings=LaneSettings,
    sets=("pit_stop",),
)
