"""How quick a team's crew has been: its ordinary stops beside those of the same races. A team is a lineage.

`team_stop_loss` of `team_form` counts every stop that is no stoppage of the race; here are those on which nothing went wrong.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.pit_lane.stops import READS, past_stops
from pitwall.features.machinery.shared.states import (
    cumulative_known,
    per_constructor,
    rolling_mean,
    starters,
    with_lineage,
)

KEY = "lineage"


class Settings(Section):
    """Windows in races with ordinary stops of the team."""

    few: int = 5
    many: int = 10


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race in which its team had an ordinary stop."""
    cars = with_lineage(starters(tables), tables)[["race_id", "driver_id", KEY]]
    stops = past_stops(tables).merge(cars, on=["race_id", "driver_id"])
    rows = stops.groupby(["event_timestamp", "race_id", KEY], as_index=False).agg(
        known_at=("known_at", "max"), off=("off", "median")
    )
    for name, window in (("team_stop_form_few", settings.few), ("team_stop_form_many", settings.many)):
        rows[name] = rolling_mean(rows, KEY, "off", window)
    rows["known_at"] = cumulative_known(rows, [KEY])
    return per_constructor(rows, tables)[GROUP.columns]


def _feature(name: str, window: str) -> Feature:
    meaning = f"mean over its last `{window}` races of the team's median ordinary stop less the race's median"
    return Feature(name, "s", meaning, "the team had no ordinary stop yet (none is recorded before 2011)")


GROUP = FeatureGroup(
    name="team_stops",
    entities=("constructor",),
    reads=(*READS, "constructors"),
    features=(_feature("team_stop_form_few", "few"), _feature("team_stop_form_many", "many")),
    compute=compute,
    Settings=Settings,
    sets=("pit_stop",),
)
