"""Clean one snapshot: parsed raw tables whose keys are unique and whose ids exist in the tables they point to."""

from __future__ import annotations

import re

import pandas as pd

from pitwall.sources._read import Quarantine, RawTable, read_raw
from pitwall.sources._snapshots import Snapshot

FINISHED = re.compile(r"^(Finished|Lapped|\+\d+ Laps?)$")
LAST_SHARED_DRIVE = 1978
SESSIONS = ("FP1", "FP2", "FP3", "FP4")

_KEYS = {
    "qualifying": ("raceId", "driverId"),
    "practice": ("raceId", "driverId", "session"),
    "sprint_results": ("raceId", "driverId"),
    "pit_stops": ("raceId", "driverId", "stop"),
    "lap_times": ("raceId", "driverId", "lap"),
    "driver_standings": ("raceId", "driverId"),
    "constructor_standings": ("raceId", "constructorId"),
    "grid": ("raceId", "driverId"),
    "safety_cars": ("raceId", "Deployed"),
    "virtual_safety_cars": ("raceId", "Lap"),
    "session_sectors": ("raceId", "driverId", "session"),
    "weather_forecasts": ("raceId", "leadHours"),
    "results_corrections": ("raceId", "driverId", "publishedAt"),
    "red_flags": None,  # a race may be stopped twice on its first lap
}
_POINTS_TO = {"raceId": "races", "driverId": "drivers", "constructorId": "constructors", "statusId": "status"}


def clean_dump(snapshot: Snapshot, quarantine: Quarantine) -> dict[str, pd.DataFrame]:
    """Return the parsed, consistent raw tables of a snapshot; what is not consistent goes to the quarantine."""
    dump = references(snapshot, quarantine)
    for name in ("results", *_KEYS):
        table = read_raw(snapshot, name, quarantine)
        for column, target in _POINTS_TO.items():
            if column in table.data:
                table.require_known(column, dump[target][column])
        _check(table)
        if name == "results_corrections":
            _require_first_line(table, dump["results"])
        if key := _KEYS.get(name):
            table.require_unique(key)
        if name == "results":
            table.require_unique(["resultId"])
            merge_shared_drives(table, dump["races"].set_index("raceId")["year"])
        dump[name] = table.data
    return dump


def references(snapshot: Snapshot, quarantine: Quarantine) -> dict[str, pd.DataFrame]:
    """Return the tables that others point to."""
    dump: dict[str, pd.DataFrame] = {}
    for name, key in (("circuits", "circuitId"), ("constructors", "constructorId"), ("status", "statusId")):
        table = read_raw(snapshot, name, quarantine)
        table.require_unique([key])
        _check(table)
        dump[name] = table.data
    drivers, extra = (read_raw(snapshot, name, quarantine) for name in ("drivers", "practice_only_drivers"))
    drivers.require_unique(["driverId"])
    extra.require_unique(["driverId"])
    extra.reject(extra.data["driverId"].isin(drivers.data["driverId"]), "repeated key (driverId)")
    missing = [column for column in drivers.data if column not in extra.data]
    practice_only = extra.data.assign(**{column: pd.Series(pd.NA, extra.data.index, "string") for column in missing})
    dump["drivers"] = pd.concat([drivers.data, practice_only[list(drivers.data)]], ignore_index=True)
    dump["races"] = _races(snapshot, quarantine, dump["circuits"])
    return dump


def _races(snapshot: Snapshot, quarantine: Quarantine, circuits: pd.DataFrame) -> pd.DataFrame:
    races = read_raw(snapshot, "races", quarantine)
    races.require_range("year", 1950, 2100)
    races.require_range("round", 1, 40)
    races.require_known("circuitId", circuits["circuitId"])
    races.require_unique(["raceId"])
    races.require_unique(["year", "round"])
    return races.data


def _check(table: RawTable) -> None:
    """Reject values that parse but cannot be."""
    ranges = {
        "circuits": [("lat", -90, 90), ("lng", -180, 180)],
        "results": [("positionOrder", 1, 1000)],
        "results_corrections": [("positionOrder", 1, 1000)],
        "weather_forecasts": [("rainProbability", 0, 1)],
        "qualifying": [("position", 1, 1000)],
        "practice": [("position", 1, 1000)],
        "sprint_results": [("positionOrder", 1, 1000)],
        "grid": [("grid", 0, 1000)],
        "lap_times": [("lap", 1, 1000), ("position", 1, 1000)],
    }
    for column, low, high in ranges.get(table.name, []):
        table.require_range(column, low, high)
    if table.name == "practice":
        table.reject(~table.data["session"].isin(SESSIONS), f"session: not one of {', '.join(SESSIONS)}")


def _require_first_line(corrections: RawTable, results: pd.DataFrame) -> None:
    """Reject corrections of lines that are not in the results."""
    line = ["raceId", "driverId"]
    known = pd.MultiIndex.from_frame(corrections.data[line]).isin(pd.MultiIndex.from_frame(results[line]))
    corrections.reject(pd.Series(~known, corrections.data.index), "correction of a line that is not in the results")


def merge_shared_drives(results: RawTable, season: pd.Series) -> None:
    """Keep one line per driver and race: the best place, with the points of all his shared cars added up.

    Until 1964 a driver could take over another's car and be classified more than once (one more case is of 1978). The
    other lines go to the quarantine, so that they are counted. A later repetition is a mistake of the dump.
    """
    shared = results.data["raceId"].map(season) <= LAST_SHARED_DRIVE
    modern = results.data.duplicated(["raceId", "driverId"]) & ~shared
    results.reject(modern, "repeated key (raceId, driverId)")
    ordered = results.data.sort_values(["raceId", "driverId", "positionOrder", "resultId"], kind="stable")
    again = ordered.duplicated(["raceId", "driverId"]).reindex(results.data.index)
    points = results.data.groupby(["raceId", "driverId"])["points"].transform("sum")
    results.data["points"] = points
    results.reject(again, "shared drive: merged into the driver's best line")
