"""OpenF1's API over the laps of a race: the same endpoints and fields, and of the race only what has happened by a clock.

Written from openf1.org (the sections Drivers, Laps, Pit, Race control, Sessions, Stints and Weather of its documentation) as known to the
author on 2026-11-30; nothing is copied from there. Not tried against the real one: that `date_start` of lap 1 may be null, that no rows
are answered with 404, and how messages of race control are worded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd

from pitwall.live.race import LiveRace
from pitwall.testing.sites.site import Answer, as_json

SESSION = 9000
FLAGS = {"1": ("CLEAR", "TRACK CLEAR"), "2": ("YELLOW", "YELLOW"), "5": ("RED", "RED FLAG")}
CARS = {"4": "SAFETY CAR DEPLOYED", "6": "VIRTUAL SAFETY CAR DEPLOYED", "7": "VIRTUAL SAFETY CAR ENDING"}
SESSIONS = {"Started": (None, "SESSION STARTED"), "Finished": ("CHEQUERED", "CHEQUERED FLAG")}
FILTER = re.compile(r"(\w+)(>=|<=|>|<|=)(.+)")
Row = dict[str, Any]


class OpenF1Api:
    """Answers `laps?session_key=9000&lap_number>=3` and its sisters.

    Args:
        race: that is driven.
        told: its live tables.
        now: the clock, seconds since 1970; rows that end later are not there yet.
    """

    def __init__(self, race: LiveRace, told: Mapping[str, pd.DataFrame], now: Callable[[], float]) -> None:
        self._race, self._now = race, now
        self._rows: dict[str, list[tuple[float, Row]]] = {
            "sessions": [(-1e9, self._session())],
            "drivers": [(-1e9, self._driver(driver)) for driver in race.starters],
            "weather": [self._air(row) for row in told["weather"].to_dict("records")],
            "race_control": [self._message(row) for row in told["track_status"].to_dict("records")]
            + [self._status(row) for row in told["session_status"].to_dict("records") if row["status"] in SESSIONS],
            **self._laps(told["laps"].sort_values(["driver_id", "lap"])),
        }

    def __call__(self, path: str) -> Answer:
        """Answer a path with its query; KeyError where there is no such endpoint."""
        parts = urlsplit(path)
        asked = [FILTER.fullmatch(part) for part in unquote(parts.query).split("&")]
        by = self._now() - self._race.race.starts_at.timestamp()
        rows = [row for at, row in self._rows[parts.path.strip("/")] if at <= by]
        kept = [row for row in rows if all(_holds(row, match) for match in asked if match)]
        return as_json(kept) if kept else Answer(b'{"detail": "No results found."}', 404)

    def _date(self, seconds: float) -> str:
        return str(self._race.stamp(seconds).isoformat())

    def _session(self) -> Row:
        race = self._race.race
        return {"session_key": SESSION, "session_name": "Race", "year": race.season, "date_start": self._date(-2.0)}

    def _driver(self, driver: int) -> Row:
        who = self._race.who[driver]
        return {"session_key": SESSION, "driver_number": driver, "name_acronym": who.driver, "full_name": who.name}

    def _laps(self, laps: pd.DataFrame) -> dict[str, list[tuple[float, Row]]]:
        found: dict[str, list[tuple[float, Row]]] = {"laps": [], "stints": [], "pit": []}
        for row in laps[laps["completed"]].to_dict("records"):
            car = {"session_key": SESSION, "driver_number": int(row["driver_id"]), "lap_number": int(row["lap"])}
            told = {f"duration_sector_{number}": _number(row[f"sector_{number}"]) for number in (1, 2, 3)}
            times = {"lap_duration": _number(row["seconds"]), "st_speed": _number(row["speed_st"]), **told}
            begins = None if row["lap"] == 1 else self._date(row["start_seconds"])
            found["laps"].append((row["end_seconds"], {**car, "date_start": begins, **times}))
            if _number(row["pit_in_seconds"]) is not None:
                pit = {**car, "date": self._date(row["pit_in_seconds"]), "pit_duration": None}
                found["pit"].append((row["pit_in_seconds"], pit))
        for (driver, stint), own in laps.groupby(["driver_id", "stint"]):
            first = own.iloc[0]
            age = first["tyre_laps"] - 1 if pd.notna(first["tyre_laps"]) else 0
            facts = {"session_key": SESSION, "driver_number": int(driver), "stint_number": int(stint)}
            about = {"compound": _number(first["compound"]), "tyre_age_at_start": int(age)}
            ends = {"lap_start": int(first["lap"]), "lap_end": int(own["lap"].max())}
            found["stints"].append((first["start_seconds"], {**facts, **about, **ends}))
        return found

    def _air(self, row: Row) -> tuple[float, Row]:
        names = {"air_temp": "air_temperature", "track_temp": "track_temperature", "humidity": "humidity"}
        values = {name: _number(row[column]) for column, name in names.items()}
        rain = 0 if pd.isna(row["rainfall"]) else int(row["rainfall"])
        return row["seconds"], {**values, "rainfall": rain, "session_key": SESSION, "date": self._date(row["seconds"])}

    def _message(self, row: Row) -> tuple[float, Row]:
        said: Row = {"session_key": SESSION, "date": self._date(row["seconds"]), "scope": "Track"}
        if row["status"] in CARS:
            return row["seconds"], {**said, "category": "SafetyCar", "flag": None, "message": CARS[row["status"]]}
        flag, text = FLAGS[row["status"]]
        return row["seconds"], {**said, "category": "Flag", "flag": flag, "message": text}

    def _status(self, row: Row) -> tuple[float, Row]:
        flag, message = SESSIONS[row["status"]]
        said = {"session_key": SESSION, "date": self._date(row["seconds"]), "scope": "Track"}
        return row["seconds"], {
            **said,
            "category": "SessionStatus" if flag is None else "Flag",
            "flag": flag,
            "message": message,
        }


def _number(value: Any) -> Any:
    return None if pd.isna(value) else value


def _holds(row: Row, match: re.Match[str]) -> bool:
    name, sign, text = match.groups()
    value = row.get(name)
    if sign == "=":
        return str(value) == text
    number = float(value if value is not None else "nan")
    return {
        ">=": number >= float(text),
        "<=": number <= float(text),
        ">": number > float(text),
        "<": number < float(text),
    }[sign]
