"""The OpenF1 API over a dump and its laps: the same endpoints, filters and rows, made from the files of a folder.

Written from github.com/br-g/openf1, documentation/includes/_api_endpoints.md, as read on 2026-11-30; nothing is copied from there. Not documented, and
assumed: a query without rows answers 404; a first lap has neither a start nor a time; `lap_number` of a stop is the lap that ends in the pit lane,
and `date` the moment of coming in; race control says when a session starts, resumes and is stopped, and when a safety car comes and goes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from pitwall.testing.sites.jolpica_api import read_lines
from pitwall.testing.sites.site import Answer, as_json

Row = dict[str, Any]
FIRST_KEY = 9000
SAID = {
    "1": ("CLEAR", "Flag", "TRACK CLEAR"),
    "2": ("YELLOW", "Flag", "YELLOW IN TRACK SECTOR 4"),
    "4": (None, "SafetyCar", "SAFETY CAR DEPLOYED"),
    "5": ("RED", "Flag", "RED FLAG"),
    "6": (None, "SafetyCar", "VIRTUAL SAFETY CAR DEPLOYED"),
    "7": (None, "SafetyCar", "VIRTUAL SAFETY CAR ENDING"),
}
WEATHER = {
    "air_temperature": "AirTemp",
    "track_temperature": "TrackTemp",
    "humidity": "Humidity",
    "pressure": "Pressure",
    "wind_direction": "WindDirection",
    "wind_speed": "WindSpeed",
}


class OpenF1Api:
    """Answers `laps?session_key=9001` and its sisters; `rows` by endpoint may be changed to plant a fault."""

    def __init__(self, folder: Path) -> None:
        races = {int(line["raceId"]): line for line in read_lines(folder / "races.csv")}
        drivers = {int(line["driverId"]): line for line in read_lines(folder / "drivers.csv")}
        laps = pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("laps_*.parquet"))])
        self._numbers = {number: int(line.get("number", 900 + number)) for number, line in drivers.items()}
        self.rows: dict[str, list[Row]] = {name: [] for name in _ENDPOINTS}
        for turn, (race_id, of_race) in enumerate(laps.groupby("raceId")):
            self._add(FIRST_KEY + turn, races[int(race_id)], of_race, folder, drivers)

    def __call__(self, path: str) -> Answer:
        """Answer an endpoint with its filters; 404 where nothing fits."""
        parts = urlsplit(path)
        wanted = [(name, value) for name, value in parse_qsl(parts.query)]
        found = [
            row
            for row in self.rows[parts.path.strip("/")]
            if all(str(row.get(name)) == value for name, value in wanted)
        ]
        return as_json(found) if found else Answer(b'{"detail": "No results found."}', 404)

    def _add(
        self, key: int, race: Mapping[str, str], laps: pd.DataFrame, folder: Path, drivers: Mapping[int, Any]
    ) -> None:
        status, track, weather = (_log(folder, name, race) for name in ("session_status", "track_status", "weather"))
        started = float(status.loc[status["Status"] == "Started", "Time"].min())
        lights = datetime.fromisoformat(f"{race['date']}T{race.get('time', '13:00:00')}").replace(tzinfo=UTC)

        def date(seconds: float) -> str | None:
            return None if math.isnan(seconds) else (lights + timedelta(seconds=seconds - started)).isoformat()

        head = {"session_key": key, "meeting_key": key - 8000}
        told = {"date_start": lights.isoformat(), "date_end": (lights + timedelta(hours=2)).isoformat()}
        self.rows["sessions"].append(
            {**head, **told, "session_name": "Race", "session_type": "Race", "year": int(race["year"])}
        )
        for driver, of_car in laps.sort_values("LapNumber").groupby("driverId"):
            own = {**head, "driver_number": self._numbers[int(driver)]}
            person = drivers[int(driver)]
            names = {"name_acronym": person.get("code"), "last_name": person["surname"], "full_name": person["surname"]}
            self.rows["drivers"].append({**own, **names})
            self.rows["laps"] += [{**own, **_lap(lap, date)} for lap in of_car.to_dict("records")]
            self.rows["stints"] += [{**own, **row} for row in _stints(of_car)]
            self.rows["pit"] += [{**own, **row} for row in _pits(of_car, date)]
            timed = of_car[~of_car["FastF1Generated"].astype(bool)]
            self.rows["position"] += [
                {**own, "date": date(lap["Time"]), "position": int(lap["Position"])} for lap in timed.to_dict("records")
            ]
        self.rows["race_control"] += [{**head, **row} for row in _messages(status, track, date)]
        for sample in weather.to_dict("records"):
            air = {name: sample[column] for name, column in WEATHER.items()}
            self.rows["weather"].append(
                {**head, "date": date(sample["Time"]), **air, "rainfall": int(sample["Rainfall"])}
            )


_ENDPOINTS = ("sessions", "drivers", "laps", "stints", "pit", "position", "race_control", "weather")


def _log(folder: Path, name: str, race: Mapping[str, str]) -> pd.DataFrame:
    rows = pd.read_parquet(folder / f"{name}.parquet")
    return rows[rows["raceId"] == int(race["raceId"])].sort_values("Time")


def _lap(lap: Mapping[str, Any], date: Any) -> Row:
    first, stopped = lap["LapNumber"] == 1, bool(lap["FastF1Generated"])
    return {
        "lap_number": int(lap["LapNumber"]),
        "date_start": None if first else date(lap["LapStartTime"]),
        "lap_duration": None if first or stopped else _number(lap["LapTime"]),
        **{f"duration_sector_{part}": _number(lap.get(f"Sector{part}Time")) for part in (1, 2, 3)},
        "i1_speed": _number(lap.get("SpeedI1")),
        "i2_speed": _number(lap.get("SpeedI2")),
        "st_speed": _number(lap.get("SpeedST")),
        "is_pit_out_lap": _number(lap.get("PitOutTime")) is not None,
        "segments_sector_1": [],
    }


def _stints(laps: pd.DataFrame) -> list[Row]:
    rows = []
    for number, stint in laps.groupby("Stint"):
        first = stint.iloc[0]
        rows.append(
            {
                "stint_number": int(number),
                "compound": first["Compound"],
                "lap_start": int(first["LapNumber"]),
                "lap_end": int(stint["LapNumber"].max()),
                "tyre_age_at_start": int(first["TyreLife"]) - 1,
            }
        )
    return rows


def _pits(laps: pd.DataFrame, date: Any) -> list[Row]:
    outs = laps.set_index("LapNumber")["PitOutTime"]
    rows = []
    for lap in laps[laps["PitInTime"].notna()].to_dict("records"):
        out = outs.get(lap["LapNumber"] + 1, math.nan)
        rows.append(
            {
                "lap_number": int(lap["LapNumber"]),
                "date": date(lap["PitInTime"]),
                "pit_duration": None if math.isnan(out) else round(out - lap["PitInTime"], 3),
            }
        )
    return rows


def _messages(status: pd.DataFrame, track: pd.DataFrame, date: Any) -> list[Row]:
    rows = []
    for number, each in enumerate(status[status["Status"].isin(["Started", "Finished"])].to_dict("records")):
        flag = "CHEQUERED" if each["Status"] == "Finished" else None
        word = "CHEQUERED FLAG" if flag else ("SESSION STARTED" if number == 0 else "SESSION RESUMED")
        rows.append((each["Time"], flag, "Flag" if flag else "SessionStatus", word))
    rows += [(each["Time"], *SAID[each["Status"]]) for each in track.to_dict("records")]
    return [
        {"date": date(at), "flag": flag, "category": kind, "message": text, "lap_number": None, "sector": None}
        for at, flag, kind, text in sorted(rows, key=lambda row: row[0])
    ]


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
