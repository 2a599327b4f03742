"""More of what a weekend's sessions say of a car: ranks, gaps in seconds, the gap to the teammate, penalties, the sprint.

Like `session`, one row per publication, each repeating what was published before; before a session its features are null.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.form import PARTS
from pitwall.features.machinery.shared.states import carried

KEYS = ["race_id", "driver_id"]


class Settings(Section):
    """Gaps between teammates are capped: beyond it a car had trouble."""

    teammate_cap_pct: float = 3.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return rows per race and driver: after each practice session, qualifying and sprint, and when the grid is out."""
    qualifying = _stamped(tables["qualifying"])
    streams = [
        _practice(tables["practice"]),
        _qualifying(qualifying, settings),
        _grid(_stamped(tables["grid"]), qualifying),
        _stamped(tables["sprints"]).assign(sprint_place=lambda rows: rows["place"].astype("float64")),
    ]
    return carried([rows[rows.columns.intersection(GROUP.columns)] for rows in streams], KEYS, GROUP.names)[
        GROUP.columns
    ]


def _stamped(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which each race has one pair of stamps: those of its last line."""
    rows = table.copy()
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    return rows


def _practice(practice: pd.DataFrame) -> pd.DataFrame:
    """Return each car's rank by its best lap so far and its laps so far, after each session, for all cars seen by then."""
    rows = practice[[*KEYS, "session", "seconds", "laps", *STAMPS]].copy()
    rows[STAMPS] = rows.groupby(["race_id", "session"])[STAMPS].transform("max")
    sessions = rows[["race_id", *STAMPS]].drop_duplicates()
    every = sessions.merge(rows[KEYS].drop_duplicates(), on="race_id")
    rows = every.merge(rows, on=[*KEYS, *STAMPS], how="left").sort_values(["event_timestamp", *KEYS], ignore_index=True)
    car = [rows[key] for key in KEYS]
    best = rows["seconds"].groupby(car).cummin().groupby(car).ffill()
    rows["fp_pace_ranking"] = best.groupby([rows["race_id"], rows["event_timestamp"]]).rank(method="min")
    counted = rows["laps"].notna().groupby(car).cummax()
    rows["practice_laps"] = rows["laps"].fillna(0.0).groupby(car).cumsum().where(counted)
    return rows[rows["session"].notna().groupby(car).cummax()]


def _qualifying(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    own = rows[PARTS].min(axis=1)
    log = np.log(own)
    team = log.groupby([rows["race_id"], rows["constructor_id"]])
    others = team.transform("count") - 1
    mate = (team.transform("sum") - log) / others.where(others > 0)
    limit = settings.teammate_cap_pct
    return rows.assign(
        quali_gap_to_pole=own - own.groupby(rows["race_id"]).transform("min"),
        quali_gap_to_teammate=(100 * (log - mate)).clip(-limit, limit),
    )


def _grid(rows: pd.DataFrame, qualifying: pd.DataFrame) -> pd.DataFrame:
    """Return the slot and what it lost on qualifying, known when both are."""
    lines = qualifying[[*KEYS, "place", "known_at"]].rename(columns={"known_at": "place_known_at"})
    rows = rows.merge(lines, on=KEYS, how="left")
    known_at = rows[["known_at", "place_known_at"]].max(axis=1)
    return rows.assign(**of_grid(rows), known_at=known_at)


def of_grid(cars: Any) -> dict[str, Any]:
    """Return slot, and places lost on qualifying, of each car of a grid."""
    slot = cars["grid"].astype("float64")
    return {"start_position": slot, "places_lost_on_grid": slot - cars["place"]}


NO_SPRINT = "before the sprint, or a weekend without one (none before 2021)"
GROUP = FeatureGroup(
    name="session_detail",
    entities=("race", "driver"),
    reads=("practice", "qualifying", "sprints", "grid"),
    features=(
        Feature(
            "fp_pace_ranking",
            "rank",
            "rank by the best lap of practice so far, 1 is quickest",
            "no practice time yet, or none recorded (before 1988)",
            Stage.PRE_QUALIFYING,
        ),
        Feature(
            "practice_laps",
            "laps",
            "laps driven in practice so far",
            "no practice session yet, or laps not recorded (before 1994)",
            Stage.PRE_QUALIFYING,
        ),
        Feature(
            "quali_gap_to_pole",
            "s",
            "best own qualifying time less the best of all cars, over all parts of the session",
            "before qualifying, no time set, or not recorded",
            Stage.PRE_RACE,
        ),
        Feature(
            "quali_gap_to_teammate",
            "%",
            "gap of the best own qualifying time to the teammates', capped; negative is faster",
            "before qualifying, or one of them has no time",
            Stage.PRE_RACE,
        ),
        Feature(
            "start_position",
            "slot",
            "starting slot after penalties; a pit-lane start stands behind the last",
            "grid not out yet",
            Stage.PRE_RACE,
        ),
        Feature(
            "places_lost_on_grid",
            "places",
            "starting slot less place in qualifying: what penalties cost, or gave",
            "grid not out yet, or qualifying not recorded",
            Stage.PRE_RACE,
        ),
        Feature("sprint_place", "place", "place in the weekend's sprint", NO_SPRINT, Stage.PRE_QUALIFYING),
    ),
    compute=compute,
    Settings=Settings,
    sets=("session", "dnf"),
    reach="race",
    of_grid=of_grid,
)
