"""What the times of a weekend say of its weather: a wet session is some 10 % slower than a dry one.

Nothing is measured by a rain gauge here: sessions are compared with each other, and a difference of more than a few percent is rain.
One row per publication, which repeats what was published before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.form import PARTS
from pitwall.features.machinery.shared.states import carried

RACE = "race_id"


class Settings(Section):
    """Differences are capped: beyond it a session was stopped early, and how much says nothing."""

    cap_pct: float = 20.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return rows per race: after each practice session with a time, and after qualifying."""
    practice = _practice(tables["practice"], settings)
    streams = [practice, _qualifying(tables["qualifying"], practice, settings)]
    rows = carried([rows[rows.columns.intersection(GROUP.columns)] for rows in streams], [RACE], GROUP.names)
    return rows[GROUP.columns]


def _practice(practice: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return how much slower the slowest session so far was than the quickest, after each session."""
    stamps = {stamp: (stamp, "max") for stamp in STAMPS}
    rows = practice.groupby([RACE, "session"], as_index=False).agg(best=("seconds", "min"), **stamps)
    rows = rows[rows["best"].notna()].sort_values(["event_timestamp", RACE, "session"], ignore_index=True)
    best = rows["best"].groupby(rows[RACE])
    rows["quickest"] = best.cummin()
    return rows.assign(practice_spread_pct=_pct(best.cummax(), rows["quickest"], settings))


def _qualifying(qualifying: pd.DataFrame, practice: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return how much slower qualifying was than practice."""
    kept = {part: (part, "min") for part in PARTS}
    rows = qualifying.groupby(RACE, as_index=False).agg(**kept, **{stamp: (stamp, "max") for stamp in STAMPS})
    before = practice.drop_duplicates(RACE, keep="last")[[RACE, "quickest", "known_at"]]
    rows = rows.merge(before.rename(columns={"known_at": "practice_known_at"}), on=RACE, how="left")
    known_at = rows[["known_at", "practice_known_at"]].max(axis=1)
    return rows.assign(
        qualifying_slower_pct=_pct(rows[PARTS].min(axis=1), rows["quickest"], settings),
        known_at=known_at,
    )


def _pct(slow: pd.Series, quick: pd.Series, settings: Settings) -> pd.Series:
    return (100 * np.log(slow / quick)).clip(-settings.cap_pct, settings.cap_pct)


NO_TIMES = "no time recorded in the sessions so far"
GROUP = FeatureGroup(
    name="weekend_wetness",
    entities=("race",),
    reads=("practice", "qualifying"),
    features=(
        Feature(
            "practice_spread_pct",
            "%",
            "best time of the slowest practice session so far over that of the quickest, capped",
            NO_TIMES,
            Stage.PRE_QUALIFYING,
        ),
        Feature(
            "qualifying_slower_pct",
            "%",
            "best time of qualifying over that of practice, capped; above 0 slower",
            "before qualifying, or no time recorded in one of them",
            Stage.PRE_RACE,
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("rain_impact",),
    reach="race",
)
