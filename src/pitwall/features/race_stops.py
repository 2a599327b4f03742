"""How long stops take in a race as it stands: what its pit lane showed so far, this time and last time, and whether the track is neutralised."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.pit_lane.level import LaneSettings
from pitwall.features.machinery.shared.pit_lane.stops import READS, before_the_start, stops_so_far
from pitwall.features.machinery.shared.states import carried

KEY = "race_id"
NEUTRAL = {"stop_under_safety_car": ("4",), "stop_under_virtual": ("6", "7")}


def compute(tables: Tables, settings: LaneSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per race at its start, when a stop became known, and when the track's status changed."""
    starts = before_the_start(tables, settings)
    stops = stops_so_far(tables, starts, settings)
    streams = [_starts(starts), _stops(stops), _status(tables, starts)]
    return carried(streams, [KEY], GROUP.names)[GROUP.columns]


def _starts(starts: pd.DataFrame) -> pd.DataFrame:
    usual = starts["last_visit"]
    named = starts.rename(
        columns={"level": "lane_level_s", "deviation": "lane_level_sd", "last_visit": "circuit_stop_s"}
    )
    return named.assign(stops_median_s=usual, race_stops_so_far=0.0)


def _stops(stops: pd.DataFrame) -> pd.DataFrame:
    of_race = stops.groupby(KEY)["lane_seconds"]
    rows = stops[[KEY, *STAMPS]].assign(lane_level_s=stops["level"], lane_level_sd=stops["deviation"])
    rows["stops_median_s"] = of_race.expanding().median().droplevel(0).reindex(rows.index)
    rows["race_stops_so_far"] = of_race.cumcount() + 1.0
    return rows


def _status(tables: Tables, starts: pd.DataFrame) -> pd.DataFrame:
    """Return the messages of the track's status; one from before the start stands from the start on."""
    rows = tables["track_status"].sort_values([KEY, "seconds", "message"], ignore_index=True)
    begins = starts.set_index(KEY)["event_timestamp"].reindex(rows[KEY]).set_axis(rows.index)
    for name, codes in NEUTRAL.items():
        rows[name] = rows["status"].isin(codes).astype("float64")
    for stamp in STAMPS:
        rows[stamp] = rows[stamp].where(~(begins > rows[stamp]), begins).astype(UTC_US)
    return rows[[KEY, *STAMPS, *NEUTRAL]]


def _feature(name: str, unit: str, meaning: str, null: str = "before the start") -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


NO_VISIT = "before the start, or no race with recorded stops was held at the circuit yet (none before 2011)"
NO_MESSAGE = "before the start, or a race without a live feed (none before 2018)"
GROUP = FeatureGroup(
    name="race_stops",
    entities=("race",),
    reads=(*READS, "track_status"),
    features=(
        _feature("lane_level_s", "s", "how long an ordinary stop takes: the belief after the stops so far, its median"),
        _feature("lane_level_sd", "s", "how sure that belief is (standard deviation)"),
        _feature(
            "stops_median_s",
            "s",
            "median of the race's stops so far; before the first one that of the circuit's last race",
            f"{NO_VISIT}, and no stop in this one",
        ),
        _feature("circuit_stop_s", "s", "median of the ordinary stops of the circuit's last race", NO_VISIT),
        _feature("race_stops_so_far", "stops", "stops of the race that are known: the lap after them has ended"),
        _feature("stop_under_safety_car", "0/1", "1 while the safety car is out", NO_MESSAGE),
        _feature("stop_under_virtual", "0/1", "1 while a virtual one is out, or ending", NO_MESSAGE),
    ),
    compute=compute,
    Settings=LaneSettings,
    sets=("pit_stop",),
)
