"""A car among all others at the instant at which the leader ends a lap: place, gap, whether it has gone missing, the distance run."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.standings import READS, standings

NAMES = {
    "place": "standing_place",
    "gap": "standing_gap",
    "overdue": "overdue_s",
    "missed": "laps_missed",
    "share": "race_share_led",
}


class Settings(Section):
    """`visits` races at a circuit make its usual distance; `usual_s` seconds are a race where none was held before."""

    visits: int = 3
    usual_s: float = 5400.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and lap of the leader."""
    return standings(tables, settings.visits, settings.usual_s).rename(columns=NAMES)[GROUP.columns]


NONE = "before the car has ended a lap"


def _feature(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name, unit, f"{meaning}, as the leader ends a lap", NONE, Stage.IN_RACE)


GROUP = FeatureGroup(
    name="race_standing",
    entities=("race", "driver"),
    reads=READS,
    features=(
        _feature("standing_place", "place", "place by the gap"),
        _feature(
            "standing_gap",
            "s",
            "time behind the leader by the newest crossing, or how long the leader is past the lap that it is on",
        ),
        _feature("overdue_s", "s", "how long ago it should have crossed the line at its gap and the leader's pace"),
        _feature("laps_missed", "laps", "laps that it lacks beyond the one that it is on"),
        _feature(
            "race_share_led",
            "share",
            "laps of the leader as a share of the usual distance (the median of the last `visits` races at the circuit), where there is "
            "none the race clock as a share of `usual_s`",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("in_race",),
)
