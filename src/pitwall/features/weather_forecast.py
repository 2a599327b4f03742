"""The newest forecast of a race's weather: the chance of rain and the temperature, and how far ahead it was made.

A forecast is known when it was published, hours before the start. What the weather then was is in `conditions`.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings

NULL = "no forecast published yet, or a source without forecasts (the Ergast dump has none)"
NAMES = {"rain_probability": "rain_probability", "air_temp": "forecast_air_temp", "lead_hours": "forecast_lead_hours"}


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per forecast, which stands until the next one is published."""
    rows = tables["weather_forecasts"].rename(columns=NAMES)
    return rows[GROUP.columns].astype(dict.fromkeys(GROUP.names, "float64"))


GROUP = FeatureGroup(
    name="weather_forecast",
    entities=("race",),
    reads=("weather_forecasts",),
    features=(
        Feature("rain_probability", "share", "chance of rain at the race, newest forecast", NULL),
        Feature(
            "forecast_air_temp", "C", "temperature of the air, newest forecast", f"{NULL}, or it names no temperature"
        ),
        Feature("forecast_lead_hours", "h", "hours before the start at which the newest forecast was published", NULL),
    ),
    compute=compute,
    sets=("weather", "rain_impact"),
    reach="race",
)
