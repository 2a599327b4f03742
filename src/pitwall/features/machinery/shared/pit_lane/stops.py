"""The stops of races as features see them: those of a race under way as the laps tell them, those of races that are over as the official list does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.racing.pit_stops import LONGEST_S, passages, recorded_stops
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.pit_lane.level import LaneSettings, beliefs
from pitwall.features.machinery.shared.race_laps import finished_races
from pitwall.features.machinery.shared.states import cumulative_known

READS = ("laps", "pit_stops", "races", "results")
BELIEF = ["level", "deviation"]


def past_stops(tables: Tables) -> pd.DataFrame:
    """Return the ordinary stops of races whose result is out, in time order: `seconds`, `off` (s over the race's median), `circuit_id`.

    A race's stops have one pair of stamps: when it was over, and when all was known that says which stops were ordinary.
    """
    stops = recorded_stops(tables["pit_stops"], tables["laps"]).drop(columns="event_timestamp")
    stops["told"] = stops.groupby("race_id")["known_at"].transform("max")
    rows = stops.drop(columns="known_at").merge(finished_races(tables), on="race_id")
    rows["known_at"] = rows[["known_at", "told"]].max(axis=1).astype(UTC_US)
    rows = rows[rows["ordinary"]].drop(columns="told")
    return rows.sort_values(["event_timestamp", "race_id", "driver_id", "stop"], ignore_index=True)


def before_the_start(tables: Tables, settings: LaneSettings) -> pd.DataFrame:
    """Return one row per race at its start, in order of race: `last_visit`, the median stop (s) of its circuit's last race, and the belief."""
    past = past_stops(tables).groupby(["event_timestamp", "race_id", "circuit_id"], as_index=False)
    visits = past.agg(last_visit=("seconds", "median"), told=("known_at", "max"))
    races = tables["races"].drop(columns="event_timestamp").rename(columns={"starts_at": "event_timestamp"})
    rows = pd.merge_asof(
        races.sort_values(["event_timestamp", "race_id"]),
        visits.drop(columns="race_id"),
        on="event_timestamp",
        by="circuit_id",
        allow_exact_matches=False,
    )
    rows["known_at"] = rows[["known_at", "told", "event_timestamp"]].max(axis=1).astype(UTC_US)
    first = [beliefs(visit, np.empty(0), settings) for visit in rows["last_visit"]]
    rows[BELIEF] = np.array([[level[0], deviation[0]] for level, deviation in first]).reshape(-1, 2)
    return rows.sort_values("race_id", ignore_index=True)[["race_id", *STAMPS, "last_visit", *BELIEF]]


def stops_so_far(tables: Tables, starts: pd.DataFrame, settings: LaneSettings) -> pd.DataFrame:
    """Return the stops of at most `LONGEST_S`, each when it became known, which is at the end of the lap after it.

    Args:
        tables: with `laps`.
        starts: `before_the_start`.
        settings: of the belief.

    Returns:
        By race and instant: the columns of that lap, `lane_seconds`, and the belief with this stop; `known_at` never falls within a race.
    """
    seen = passages(tables["laps"])
    stops = seen[seen["changed"] & (seen["lane_seconds"] <= LONGEST_S) & seen["race_id"].isin(starts["race_id"])]
    stops = stops.sort_values(["race_id", "event_timestamp", "driver_id"], ignore_index=True)
    visit = starts.set_index("race_id")["last_visit"]
    stops[BELIEF] = np.nan
    for race_id, rows in stops.groupby("race_id"):
        median, deviation = beliefs(float(visit[race_id]), rows["lane_seconds"].to_numpy(float), settings)
        stops.loc[rows.index, BELIEF] = np.column_stack([median, deviation])[1:]
    told = starts.set_index("race_id")["known_at"].reindex(stops["race_id"]).set_axis(stops.index)
    stops["known_at"] = stops["known_at"].where(~(told > stops["known_at"]), told)
    return stops.assign(known_at=cumulative_known(stops, ["race_id"]))
