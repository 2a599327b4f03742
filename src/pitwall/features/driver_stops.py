"""How long a driver's ordinary stops take beside those of the same races: who brings the car to its marks, and away, in less time."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.pit_lane.stops import READS, past_stops
from pitwall.features.machinery.shared.states import cumulative_known, rolling_mean

KEY = "driver_id"


class Settings(Section):
    """How many of the driver's races with ordinary stops count."""

    window: int = 10


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race in which they had an ordinary stop."""
    rows = past_stops(tables).groupby(["event_timestamp", "race_id", KEY], as_index=False)
    rows = rows.agg(known_at=("known_at", "max"), off=("off", "median"))
    rows["driver_stop_form"] = rolling_mean(rows, KEY, "off", settings.window)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


GROUP = FeatureGroup(
    name="driver_stops",
    entities=("driver",),
    reads=READS,
    features=(
        Feature(
            "driver_stop_form",
            "s",
            "mean over their last `window` races of the driver's median ordinary stop less the race's median",
            "the driver had no ordinary stop yet (none is recorded before 2011)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("pit_stop",),
)
