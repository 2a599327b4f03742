"""Sector times of practice and qualifying: own best sectors, their gaps to the purple ones, the ideal lap.

The table holds the sectors of each car's best lap in a session, so a best sector is the best over those laps, and the ideal
lap is the sum of a car's best sectors. One row per publication, each repeating what was published before.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.states import carried

KEYS = ["race_id", "driver_id"]
SECTORS = ["sector_1", "sector_2", "sector_3"]
KINDS = {"practice": "FP", "quali": "Q"}


class Settings(Section):
    """Gaps are capped: beyond it a car had trouble, and how much says nothing."""

    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return rows per race and driver: after each practice session and after qualifying."""
    sectors = tables["session_sectors"]
    streams = [
        _so_far(sectors[sectors["session"].str.startswith(kind)], prefix, settings) for prefix, kind in KINDS.items()
    ]
    return carried(streams, KEYS, GROUP.names)[GROUP.columns]


def _so_far(sectors: pd.DataFrame, prefix: str, settings: Settings) -> pd.DataFrame:
    """Return the features of one kind of session after each publication, for all cars with a lap by then."""
    rows = _published(sectors)
    car = [rows[key] for key in KEYS]
    rows[[*SECTORS, "lap"]] = rows[[*SECTORS, "lap"]].groupby(car).cummin().groupby(car).ffill()
    rows = rows[rows["lap"].notna()].copy()
    rows["ideal"] = rows[SECTORS].sum(axis=1)
    best = rows.groupby(["race_id", "event_timestamp"])[[*SECTORS, "ideal"]].transform("min")
    gap = (100 * (rows[[*SECTORS, "ideal"]] / best - 1)).clip(upper=settings.gap_cap_pct)
    made = {f"{prefix}_{sector}": rows[sector] for sector in SECTORS}
    made |= {f"{prefix}_{sector}_gap_pct": gap[sector] for sector in SECTORS}
    made[f"{prefix}_purple_sectors"] = (rows[SECTORS] == best[SECTORS]).sum(axis=1).astype("float64")
    made[f"{prefix}_ideal_gap_pct"] = gap["ideal"]
    made[f"{prefix}_ideal_lost_pct"] = 100 * (rows["lap"] / rows["ideal"] - 1)
    return rows[[*KEYS, *STAMPS]].assign(**made)


def _published(sectors: pd.DataFrame) -> pd.DataFrame:
    """Return each car's best sectors and lap per publication, with an empty row where it took no part, in time order."""
    rows = sectors[[*KEYS, *STAMPS, *SECTORS]].assign(lap=sectors[SECTORS].sum(axis=1, skipna=False))
    rows["known_at"] = rows.groupby(["race_id", "event_timestamp"])["known_at"].transform("max")
    rows = rows.groupby([*KEYS, *STAMPS], as_index=False)[[*SECTORS, "lap"]].min()
    sessions = rows[["race_id", *STAMPS]].drop_duplicates()
    every = sessions.merge(rows[KEYS].drop_duplicates(), on="race_id")
    rows = every.merge(rows, on=[*KEYS, *STAMPS], how="left")
    return rows.sort_values(["event_timestamp", *KEYS], ignore_index=True)


def _features(prefix: str, sessions: str, since: Stage) -> tuple[Feature, ...]:
    null = f"no lap in {sessions} yet, or a source without sectors of sessions (the Ergast dump has none)"
    numbers = range(1, 4)
    return (
        *(Feature(f"{prefix}_sector_{n}", "s", f"own best sector {n} of {sessions}", null, since) for n in numbers),
        *(
            Feature(
                f"{prefix}_sector_{n}_gap_pct",
                "%",
                f"gap of the own best sector {n} of {sessions} to the best of all cars, capped; 0 is purple",
                null,
                since,
            )
            for n in numbers
        ),
        Feature(
            f"{prefix}_purple_sectors", "sectors", f"sectors of {sessions} in which it is the fastest", null, since
        ),
        Feature(
            f"{prefix}_ideal_gap_pct",
            "%",
            f"gap of the own ideal lap (sum of the own best sectors) of {sessions} to the best ideal lap, capped",
            null,
            since,
        ),
        Feature(
            f"{prefix}_ideal_lost_pct",
            "%",
            f"own best lap of {sessions} over the own ideal lap: what it left",
            null,
            since,
        ),
    )


GROUP = FeatureGroup(
    name="sector_times",
    entities=("race", "driver"),
    reads=("session_sectors",),
    features=(
        *_features("practice", "practice so far", Stage.PRE_QUALIFYING),
        *_features("quali", "qualifying", Stage.PRE_RACE),
    ),
    compute=compute,
    Settings=Settings,
    sets=("sectors",),
    reach="race",
)
