"""What the sessions of a race weekend say of a car: practice pace, qualifying, the grid.

One row per publication; a later row repeats the earlier ones' values, because the join hands out the newest row alone.
Before a session its features are null: nobody filters by hand.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.states import carried

KEYS = ["race_id", "driver_id"]
PARTS = ["q1", "q2", "q3"]
SINGLE = {f"FP{number}": f"fp{number}_gap_pct" for number in (1, 2, 3)}


class Settings(Section):
    """Gaps are capped: beyond it a car had trouble, and how much says nothing."""

    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return rows per race and driver: after each practice session, after qualifying, and when the grid is out."""
    streams = [
        _practice(tables["practice"], settings),
        _qualifying(tables["qualifying"], settings),
        _grid(tables["grid"]),
    ]
    return carried(streams, KEYS, GROUP.names)[GROUP.columns]


def _practice(practice: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the gap of the best lap so far to the best of all cars so far, after each session."""
    rows = practice.copy()
    rows[STAMPS] = rows.groupby(["race_id", "session"])[STAMPS].transform("max")
    rows = rows.sort_values(["event_timestamp", *KEYS], ignore_index=True)
    rows["own"] = rows.groupby(KEYS)["seconds"].cummin()
    sessions = rows.groupby(["race_id", "event_timestamp"], as_index=False).agg(best=("seconds", "min"))
    sessions["best"] = sessions.groupby("race_id")["best"].cummin()
    rows = rows.merge(sessions, on=["race_id", "event_timestamp"])
    rows["practice_gap_pct"] = _gap(rows["own"], rows["best"], settings)
    single = _gap(rows["seconds"], rows.groupby(["race_id", "session"])["seconds"].transform("min"), settings)
    for session, name in SINGLE.items():
        rows[name] = single.where(rows["session"] == session)
    return rows[[*KEYS, *STAMPS, "practice_gap_pct", *SINGLE.values()]]


def _qualifying(qualifying: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    rows = qualifying.copy()
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    own = rows[PARTS].min(axis=1)
    rows["qualifying_place"] = rows["place"].astype("float64")
    rows["qualifying_gap_pct"] = _gap(own, own.groupby(rows["race_id"]).transform("min"), settings)
    return rows[[*KEYS, *STAMPS, "qualifying_place", "qualifying_gap_pct"]]


def _grid(grid: pd.DataFrame) -> pd.DataFrame:
    rows = grid[[*KEYS, *STAMPS]].copy()
    rows[STAMPS] = rows.groupby(grid["race_id"])[STAMPS].transform("max").astype(UTC_US)
    return rows.assign(**of_grid(grid))


def of_grid(cars: Any) -> dict[str, Any]:
    """Return slot and pit lane of each car of a grid."""
    return {name: cars[name].astype("float64") for name in ("grid", "pit_lane")}


def _gap(own: pd.Series, best: pd.Series, settings: Settings) -> pd.Series:
    return (100 * (own / best - 1)).clip(upper=settings.gap_cap_pct)


GROUP = FeatureGroup(
    name="session",
    entities=("race", "driver"),
    reads=("practice", "qualifying", "grid"),
    features=(
        Feature(
            "practice_gap_pct",
            "%",
            "gap of the own best practice lap to the best of all cars, sessions so far, capped",
            "no practice time yet, or none recorded (before 1988)",
            Stage.PRE_QUALIFYING,
        ),
        *(
            Feature(
                name,
                "%",
                f"gap of the own best lap of {session} to its best of all cars, capped",
                f"no time in {session} (yet)",
                Stage.PRE_QUALIFYING,
            )
            for session, name in SINGLE.items()
        ),
        Feature(
            "qualifying_place",
            "place",
            "place in qualifying, before penalties",
            "before qualifying, or not recorded (before 1994 and in some races to 2002)",
            Stage.PRE_RACE,
        ),
        Feature(
            "qualifying_gap_pct",
            "%",
            "gap of the own best qualifying time to the best of all cars, capped",
            "before qualifying, no time set, or not recorded",
            Stage.PRE_RACE,
        ),
        Feature(
            "grid",
            "slot",
            "starting slot after penalties; a pit-lane start stands behind the last",
            "grid not out yet",
            Stage.PRE_RACE,
        ),
        Feature("pit_lane", "0/1", "1 for a start from the pit lane", "grid not out yet", Stage.PRE_RACE),
    ),
    compute=compute,
    Settings=Settings,
    sets=("order", "session", "dnf", "in_race"),
    reach="race",
    of_grid=of_grid,
)
