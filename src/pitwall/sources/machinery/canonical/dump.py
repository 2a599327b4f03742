"""Clean one snapshot: parsed raw tables whose keys are unique and whose ids exist in the tables they point to."""

from __future__ import annotations

import re

import pandas as pd

from pitwall.sources.machinery.snapshots.grids import forget_unknown_grids
from pitwall.sources.machinery.snapshots.places import read_places
from pitwall.sources.machinery.snapshots.plausible import blank_impossible
from pitwall.sources.machinery.snapshots.read import Quarantine, RawTable, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

FINISHED = re.compile(r"^(Finished|Lapped|\+\d+ Laps?)$", re.IGNORECASE)
LAST_SHARED_DRIVE = 1978
SESSIONS = ("FP1", "FP2", "FP3", "FP4")
GRIDS = ("results", "sprint_results", "grid")

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
    tables: dict[str, RawTable] = {}
    for name in ("results", *_KEYS):
        table = tables[name] = read_raw(snapshot, name, quarantine)
        for column, target in _POINTS_TO.items():
            if column in table.data:
                table.require_known(column, dump[target][column])
        if "session" in table.data:
            _check_session(table)
        if name == "results_corrections":
            _require_first_line(table, tables["results"].data)
        if key := _KEYS.get(name):
            table.require_unique(key)
        if "positionText" in table.data:
            read_places(table)
        if name in GRIDS:
            forget_unknown_grids(table)
        if name == "results":
            table.require_unique(["resultId"])
            merge_shared_drives(table, dump["races"].set_index("raceId")["year"])
    blank_impossible(tables, dump["races"].set_index("raceId")["circuitId"])
    return dump | {name: table.data for name, table in tables.items()}


def references(snapshot: Snapshot, quarantine: Quarantine) -> dict[str, pd.DataFrame]:
    """Return the tables that others point to."""
    dump: dict[str, pd.DataFrame] = {}
    for name, key in (("circuits", "circuitId"), ("constructors", "constructorId"), ("status", "statusId")):
        table = read_raw(snapshot, name, quarantine)
        table.require_unique([key])
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
    races.require_known("circuitId", circuits["circuitId"])
    races.require_unique(["raceId"])
    races.require_unique(["year", "round"])
    return races.data


def _check_session(table: RawTable) -> None:
    """Read sessions in capitals and reject those of practice that are none."""
    table.data["session"] = table.data["session"].str.upper()
    if table.name == "practice":
        table.reject(~table.data["session"].isin(SESSIONS), f"session: not one of {', '.join(SESSIONS)}")


def _require_first_line(corrections: RawTable, results: pd.DataFrame) -> None:
    """Reject corrections of lines that are not in the results."""
    line = ["raceId", "driverId"]
    known = pd.MultiIndex.from_frame(corrections.data[line]).isin(pd.MultiIndex.from_frame(results[line]))
    corrections.reject(pd.Series(~known, corrections.data.index), "correction of a line that is not in the results")


def merge_shared_drives(results: RawTable, season: pd.Series) -> None:
    """Keep one line per driver and race: the best place, with the points of all their shared cars added up, and their own grid.

    Until 1964 a driver could take over another's car and be classified more than once (one more case is of 1978). The
    other lines go to the quarantine, so that they are counted. A later repetition is a mistake of the dump.

    The slot on a line is that of the car. A driver's own is that of the car which they started: of its lines, and of theirs, the first that was
    entered (`resultId`). Who started no car has none.
    """
    shared = results.data["raceId"].map(season) <= LAST_SHARED_DRIVE
    modern = results.data.duplicated(["raceId", "driverId"]) & ~shared
    results.reject(modern, "repeated key (raceId, driverId)")
    own = _own_grid(results.data, shared)
    ordered = results.data.sort_values(["raceId", "driverId", "positionOrder", "resultId"], kind="stable")
    again = ordered.duplicated(["raceId", "driverId"]).reindex(results.data.index)
    points = results.data.groupby(["raceId", "driverId"])["points"].transform("sum")
    results.data["points"] = points
    results.data["grid"] = own
    results.reject(again, "shared drive: merged into the driver's best line")


def _own_grid(lines: pd.DataFrame, shared: pd.Series) -> pd.Series:
    """Return the slot from which the driver of each line started."""
    entered = lines[shared.reindex(lines.index)].sort_values("resultId", kind="stable")
    car = ["raceId", "number", "grid"]
    taken_over = entered.duplicated(car) & entered["number"].notna() & (entered["grid"] > 0)
    own = entered["grid"].where(~taken_over)
    by_driver = own.groupby([entered["raceId"], entered["driverId"]]).transform("first")
    return lines["grid"].where(~lines.index.isin(entered.index), by_driver.reindex(lines.index))
