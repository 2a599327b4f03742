"""Weather and track status at a race as they stand: samples and messages of the live feed, from before the start on.

At the start of a race only what was measured before it is there; what came later belongs to the race. None of it is a
forecast, and none is known before the day.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.states import carried

KEY = "race_id"
MEASURED = {
    "air_temp_now": "air_temp",
    "track_temp_now": "track_temp",
    "humidity_now": "humidity",
    "pressure_now": "pressure",
    "wind_speed_now": "wind_speed",
    "raining_now": "rainfall",
}
COUNTED = {"safety_cars_so_far": "4", "red_flags_so_far": "5", "vscs_so_far": "6"}


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per race and instant at which the weather was sampled or the track's status changed."""
    return carried([_weather(tables), _status(tables)], [KEY], GROUP.names)[GROUP.columns]


def _weather(tables: Tables) -> pd.DataFrame:
    rows = tables["weather"].sort_values([KEY, "seconds", "sample"], ignore_index=True)
    for name, column in MEASURED.items():
        rows[name] = rows[column].astype("float64")
    of_race = rows["raining_now"].where(rows["seconds"] >= 0).groupby(rows[KEY])
    known = rows["raining_now"].notna() & (rows["seconds"] >= 0)
    rows["rain_share_so_far"] = of_race.cumsum() / known.groupby(rows[KEY]).cumsum().where(known)
    return rows[[KEY, *STAMPS, *MEASURED, "rain_share_so_far"]]


def _status(tables: Tables) -> pd.DataFrame:
    """Return the status after each message and how often each interruption had begun by then."""
    rows = tables["track_status"].sort_values([KEY, "seconds", "message"], ignore_index=True)
    rows["track_status_now"] = pd.to_numeric(rows["status"]).astype("float64")
    racing = rows["seconds"] >= 0
    for name, status in COUNTED.items():
        rows[name] = ((rows["status"] == status) & racing).groupby(rows[KEY]).cumsum().astype("float64").where(racing)
    return rows[[KEY, *STAMPS, "track_status_now", *COUNTED]]


NO_FEED = "no sample yet, or a race without a live feed (none before 2018)"
NO_MESSAGE = "no message since the start, or a race without a live feed (none before 2018)"


def _measured(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name, unit, f"{meaning}, newest sample", NO_FEED, Stage.PRE_RACE)


GROUP = FeatureGroup(
    name="conditions",
    entities=("race",),
    reads=("weather", "track_status"),
    features=(
        _measured("air_temp_now", "C", "temperature of the air"),
        _measured("track_temp_now", "C", "temperature of the track"),
        _measured("humidity_now", "%", "relative humidity"),
        _measured("pressure_now", "mbar", "pressure of the air"),
        _measured("wind_speed_now", "m/s", "speed of the wind"),
        _measured("raining_now", "0/1", "1 while it rains"),
        Feature("rain_share_so_far", "share", "share of samples since the start with rain", NO_FEED, Stage.IN_RACE),
        Feature(
            "track_status_now",
            "code",
            "1 clear, 2 yellow, 4 safety car, 5 red flag, 6 virtual safety car, 7 virtual safety car ending",
            "no message yet, or a race without a live feed (none before 2018)",
            Stage.PRE_RACE,
        ),
        Feature("safety_cars_so_far", "times", "how often the safety car came out", NO_MESSAGE, Stage.IN_RACE),
        Feature("red_flags_so_far", "times", "how often the race was stopped", NO_MESSAGE, Stage.IN_RACE),
        Feature("vscs_so_far", "times", "how often the virtual safety car came out", NO_MESSAGE, Stage.IN_RACE),
    ),
    compute=compute,
    sets=("conditions", "lap", "lap_time", "weather", "in_race", "track"),
    reach="race",
)
