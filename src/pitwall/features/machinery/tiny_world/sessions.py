"""What a weekend of the tiny world shows beside its times: sectors of best laps, forecasts of the weather, what a user knows of cars.

All of it follows from the tables that are there, without a draw: the sectors are shares of the time that differ from car to car,
forecasts come nearer to the weather of the race (`_tiny_laps`: every third one is wet), every team brings an upgrade in the
second or third race of a season, and who is quicker on a lap is quicker in its corners.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import SPECS, STAMPS
from pitwall.domain.when import as_utc

LEADS = (72, 24, 2)  # hours


def tiny_sessions(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return `session_sectors`, `weather_forecasts`, `upgrades` and `corner_speeds` of a tiny world.

    Args:
        tables: its races, practice and qualifying.
    """
    laps = _best_laps(tables)
    frames = {
        "session_sectors": _sectors(laps),
        "weather_forecasts": _forecasts(tables),
        "upgrades": _upgrades(tables),
        "corner_speeds": laps.assign(
            lap=0, speed=240.0 - laps["seconds"], session=laps["session"].replace({"Q1": "Q"})
        ),
    }
    return {
        name: frame.assign(known_estimated=True)
        .astype({**SPECS[name].columns, **STAMPS})[SPECS[name].all_columns]
        .sort_values(list(SPECS[name].key), ignore_index=True)
        for name, frame in frames.items()
    }


def _best_laps(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    qualifying = tables["qualifying"].assign(session="Q1").rename(columns={"q1": "seconds"})
    columns = ["race_id", "driver_id", "constructor_id", "session", "seconds", "event_timestamp", "known_at"]
    return pd.concat([tables["practice"][columns], qualifying[columns]], ignore_index=True)


def _sectors(laps: pd.DataFrame) -> pd.DataFrame:
    tilt = 0.001 * (laps["driver_id"] % 3 - 1)
    shares = {"sector_1": 0.3 + tilt, "sector_2": 0.4 - 2 * tilt, "sector_3": 0.3 + tilt}
    return laps.assign(**{sector: (share * laps["seconds"]).round(3) for sector, share in shares.items()})


def _forecasts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return forecasts of the races whose qualifying is there."""
    races = tables["races"][tables["races"]["race_id"].isin(tables["qualifying"]["race_id"])]
    rows = races[["race_id", "starts_at"]].merge(pd.DataFrame({"lead_hours": LEADS}), how="cross")
    wet, doubt = rows["race_id"] % 3 == 0, rows["lead_hours"] / 200
    rows["rain_probability"] = (1 - doubt).where(wet, doubt)
    rows["air_temp"] = 22.0 - 5.0 * wet + rows["lead_hours"] / 24
    moment = as_utc(rows["starts_at"] - pd.to_timedelta(rows["lead_hours"], unit="h"))
    return rows.assign(event_timestamp=moment, known_at=moment)


def _upgrades(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return upgrades of the first practice; teams take turns in which race they bring them."""
    cars = tables["practice"].merge(tables["races"][["race_id", "round", "practice_at"]], on="race_id")
    teams = cars.drop_duplicates(["race_id", "constructor_id"])
    teams = teams[teams["round"] == 2 + teams["constructor_id"] % 2]
    start = as_utc(teams["practice_at"])
    return teams.assign(number=1, session="FP1", note="floor", event_timestamp=start, known_at=start)
