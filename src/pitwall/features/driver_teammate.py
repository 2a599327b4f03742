"""A driver against the one person in the same car: the gap to their teammates in races and in qualifying.

A team is taken as one constructor in one race; a car alone in its team is compared with nobody.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.form import PARTS
from pitwall.features.machinery.shared.laps import FEWEST_LAPS, KEYS, quick_laps
from pitwall.features.machinery.shared.states import carried, rolling_mean, starters

KEY = "driver_id"


class Settings(Section):
    """`window` in sessions with a teammate; a gap beyond `gap_cap_pct` shows trouble, not pace."""

    window: int = 5
    gap_cap_pct: float = 3.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each qualifying and each race."""
    streams = [
        _gaps(_qualifying(tables), "quali_pace_vs_teammate", settings),
        _gaps(_race(tables), "race_pace_vs_teammate", settings),
    ]
    return carried(streams, [KEY], GROUP.names)[GROUP.columns]


def _qualifying(tables: Tables) -> pd.DataFrame:
    lines = tables["qualifying"]
    return lines.assign(pace=lines[PARTS].min(axis=1))


def _race(tables: Tables) -> pd.DataFrame:
    """Return the starters of races with laps and their pace: the lower quartile of their laps, in s."""
    timed = tables["lap_times"].dropna(subset="seconds")
    quick = quick_laps(timed)
    quick["pace"] = quick["quick"].where(quick["laps"] >= FEWEST_LAPS)
    laps = timed.groupby("race_id", as_index=False).agg(laps_known_at=("known_at", "max"))
    cars = starters(tables).merge(laps, on="race_id").merge(quick[[*KEYS, "pace"]], on=KEYS, how="left")
    cars["known_at"] = cars[["known_at", "laps_known_at"]].max(axis=1)
    return cars


def _gaps(cars: pd.DataFrame, name: str, settings: Settings) -> pd.DataFrame:
    """Return after each session the mean gap in % to the mean of the teammates over the last ones."""
    rows = cars[[*KEYS, "constructor_id", *STAMPS, "pace"]].copy()
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    rows = rows.sort_values(["event_timestamp", *KEYS], ignore_index=True)
    rows["pace"] = np.log(rows["pace"])
    team = rows.groupby(["race_id", "constructor_id"])["pace"]
    others = team.transform("count") - 1
    mean = (team.transform("sum") - rows["pace"]) / others.where(others > 0)
    limit = settings.gap_cap_pct
    rows["gap"] = (100 * (rows["pace"] - mean)).clip(-limit, limit)
    rows[name] = rolling_mean(rows.dropna(subset="gap"), KEY, "gap", settings.window).reindex(rows.index)
    return rows.dropna(subset=name)[[KEY, *STAMPS, name]]


GROUP = FeatureGroup(
    name="driver_teammate",
    entities=("driver",),
    reads=("races", "results", "qualifying", "lap_times"),
    features=(
        Feature(
            "race_pace_vs_teammate",
            "%",
            "mean gap of the own quick laps (lower quartile) to the teammates' over the last `window` races with one, "
            "single gaps capped; negative is faster",
            "no race with laps of a teammate yet (no laps before 1996)",
        ),
        Feature(
            "quali_pace_vs_teammate",
            "%",
            "the same of the best times over the last `window` qualifying sessions",
            "no qualifying against a timed teammate yet (none recorded before 1994)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("driver",),
    reach="entity",
)
