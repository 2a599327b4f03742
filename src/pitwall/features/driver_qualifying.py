"""How a driver has been qualifying: their places in the last sessions and where they are heading.

A row follows each qualifying, so that at the start of a race its own qualifying counts. For races without a recorded
qualifying nothing is put in its place.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.form import gap_to_pole, last_values, trend
from pitwall.features.machinery.shared.states import cumulative_known, rolling_mean

KEY = "driver_id"
NO_SESSION = "no qualifying recorded yet (none before 1994)"
PLACES = 5


class Settings(Section):
    """`trend_window` in sessions; gaps beyond `gap_cap_pct` are trouble and say nothing of pace."""

    trend_window: int = 5
    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each qualifying that they took part in."""
    rows = tables["qualifying"].assign(gap=lambda lines: gap_to_pole(lines).clip(upper=settings.gap_cap_pct))
    rows[STAMPS] = rows.groupby("race_id")[STAMPS].transform("max")
    rows = rows.sort_values(["event_timestamp", "race_id", KEY], ignore_index=True)
    rows["avg_quali_position_last_5"] = rolling_mean(rows, KEY, "place", PLACES)
    rows["avg_quali_gap_last_5"] = rolling_mean(rows, KEY, "gap", PLACES)
    rows["quali_trend"] = trend(last_values(rows, KEY, "place", settings.trend_window))
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_qualifying",
    entities=("driver",),
    reads=("qualifying",),
    features=(
        Feature("avg_quali_position_last_5", "place", "mean place in the last 5 qualifying sessions", NO_SESSION),
        Feature(
            "avg_quali_gap_last_5",
            "%",
            "mean gap to the best time over the last 5 qualifying sessions, single gaps capped",
            "no time set in the last 5 sessions, or none recorded",
        ),
        Feature(
            "quali_trend",
            "places/session",
            "slope of the place over the last `trend_window` qualifying sessions; negative is improving",
            "fewer than three qualifying sessions recorded",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("driver",),
    reach="entity",
)
