"""How fast a car goes through the corners of a weekend, where a user gives telemetry: no data set of results or laps holds any.

Speeds differ more between circuits than between cars, so the gap to the fastest car of the same session stands beside the speed.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup, NoSettings

SPEED = "avg_corner_speed"


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per race, driver and session with telemetry: the mean over its laps, known when the session's last line is."""
    session, car = ["race_id", "event_timestamp"], ["race_id", "driver_id", "event_timestamp"]
    lines = tables["corner_speeds"].sort_values([*car, "session", "lap"])
    lines["known_at"] = lines.groupby(session)["known_at"].transform("max")
    rows = lines.groupby(car, as_index=False).agg(known_at=("known_at", "first"), **{SPEED: ("speed", "mean")})
    rows["corner_speed_gap"] = rows.groupby(session)[SPEED].transform("max") - rows[SPEED]
    return rows[["race_id", "driver_id", *STAMPS, *GROUP.names]]


NONE = "no telemetry of the car this weekend yet, or none given (`pitwall data use user_files`)"
GROUP = FeatureGroup(
    name="corner_speed",
    entities=("race", "driver"),
    reads=("corner_speeds",),
    features=(
        Feature(
            SPEED,
            "km/h",
            "mean speed in corners over the laps given of the newest session of the weekend that has the car's telemetry",
            NONE,
            Stage.PRE_QUALIFYING,
        ),
        Feature(
            "corner_speed_gap",
            "km/h",
            "what it lacks to the fastest car of that session; 0 is the fastest",
            NONE,
            Stage.PRE_QUALIFYING,
        ),
    ),
    compute=compute,
    sets=("user_files",),
    reach="race",
)
