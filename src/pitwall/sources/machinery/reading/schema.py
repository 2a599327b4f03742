"""The raw files of each format as data: which must exist, their columns, how each value reads and what it may be.

A column is `name:kind[low,high]`. Kinds: i whole number, g slot of the grid, f number (both not negative), x any number, s text, a a driver's code, k a code that
may be a number, b True or False, d date, c time of day, t lap or session time, u instant; a trailing `?` allows null. Columns after `|` may be
absent, as in older dumps; they are then null. A format may split a table into files by season, `<table>_<season>`.

Ranges are what can be at all, in the unit of the column (the quickest lap ever took 53 s; one may contain a stoppage, never a whole day);
`_plausible` is narrower where the circuit is known.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pitwall.sources.machinery.reading.format import Range, RawFile, RawFormat

NULL = ("\\N", "")  # as a dump writes it; programs have other words (`_values`)
_COLUMN = re.compile(r"(?P<name>\w+):(?P<kind>\w\??)(?:\[(?P<low>[^,]+),(?P<high>[^\]]+)\])?")


def raw_file(name: str, columns: str, required: bool = False) -> RawFile:
    """Return a raw file from the notation above."""
    needed, _, extra = columns.partition("|")
    return RawFile(name, _kinds(needed), _kinds(extra), required, _ranges(columns))


def _kinds(text: str) -> dict[str, str]:
    return {found["name"]: found["kind"] for found in _COLUMN.finditer(text)}


def _ranges(text: str) -> dict[str, Range]:
    return {
        found["name"]: (float(found["low"]), float(found["high"])) for found in _COLUMN.finditer(text) if found["low"]
    }


_SESSIONS = " ".join(f"{s}_date:d? {s}_time:c?" for s in ("fp1", "fp2", "fp3", "quali", "sprint"))
_LAP = "[40,1800]"  # a lap of its own, s
_TIMED = "[40,3600]"  # a best lap of a session, in which cars have crawled round
_ANY_LAP = "[40,14400]"
_LAP_MS, _ANY_LAP_MS, _STOP_MS, _RACE_MS = "[40e3,3600e3]", "[40e3,14400e3]", "[5e3,7200e3]", "[60e3,21600e3]"
_SECTOR, _CLOCK, _SPEED = "[5,14400]", "[0,86400]", "[0,450]"
_PLACE, _SLOT = "[1,1000]", "[0,1000]"

_RESULT = (
    f"resultId:i raceId:i driverId:i constructorId:i grid:g?{_SLOT} position:i?{_PLACE} positionText:k positionOrder:i{_PLACE} "
    f"points:f laps:i milliseconds:f?{_RACE_MS} statusId:i{{}} | number:f? rank:i? fastestLapTime:t?{_LAP}"
)
_ERGAST = [
    raw_file(
        "races",
        f"raceId:i year:i[1950,2100] round:i[1,40] circuitId:i name:s date:d | time:c? {_SESSIONS}",
        required=True,
    ),
    raw_file("results", _RESULT.format(""), required=True),
    raw_file("results_corrections", _RESULT.format(" publishedAt:u")),
    raw_file(
        "qualifying",
        f"raceId:i driverId:i constructorId:i position:i{_PLACE} | q1:t?{_TIMED} q2:t?{_TIMED} q3:t?{_TIMED} number:f?",
        required=True,
    ),
    raw_file("drivers", "driverId:i driverRef:s forename:s? surname:s | code:a? dob:d? nationality:s?", required=True),
    raw_file("constructors", "constructorId:i constructorRef:s name:s | nationality:s?", required=True),
    raw_file(
        "circuits", "circuitId:i circuitRef:s name:s | country:s? lat:x?[-90,90] lng:x?[-180,180] alt:x?", required=True
    ),
    raw_file("status", "statusId:i status:s", required=True),
    raw_file(
        "practice",
        f"raceId:i driverId:i constructorId:i session:s position:i{_PLACE} milliseconds:f?{_LAP_MS} | laps:f?",
    ),
    raw_file("practice_only_drivers", "driverId:i driverRef:s forename:s? surname:s | dob:d?"),
    raw_file("pit_stops", f"raceId:i driverId:i stop:i lap:i milliseconds:f?{_STOP_MS}"),
    raw_file("lap_times", f"raceId:i driverId:i lap:i[1,1000] milliseconds:f?{_ANY_LAP_MS} | position:i?{_PLACE}"),
    raw_file(
        "sprint_results",
        f"raceId:i driverId:i constructorId:i grid:g?{_SLOT} positionOrder:i{_PLACE} points:f laps:i statusId:i | position:i?",
    ),
    raw_file("driver_standings", "raceId:i driverId:i points:f position:i? wins:i"),
    raw_file("constructor_standings", "raceId:i constructorId:i points:f position:i? wins:i"),
    raw_file("seasons", "year:i"),
    raw_file("constructor_results", "raceId:i constructorId:i points:f?"),
    raw_file("safety_cars", "raceId:i Deployed:i | Retreated:i? Cause:s?"),
    raw_file("red_flags", "raceId:i Lap:i | Incident:s?"),
    raw_file("virtual_safety_cars", "raceId:i Lap:i"),
    raw_file("grid", f"raceId:i driverId:i constructorId:i grid:g?{_SLOT}"),
    raw_file(
        "session_sectors",
        "raceId:i driverId:i constructorId:i session:s "
        + " ".join(f"sector{number}:t?{_SECTOR}" for number in (1, 2, 3)),
    ),
    raw_file("ids", "kind:s ref:k id:i"),
    raw_file("weather_forecasts", "raceId:i leadHours:i rainProbability:f[0,1] | airTemp:x?[-60,70]"),
]
_AIR = "AirTemp:x?[-60,70] TrackTemp:x?[-60,100] Humidity:f?[0,100] Pressure:f?[500,1100] Rainfall:b? WindDirection:f?[0,360] WindSpeed:f?[0,100]"
_SECTORS = " ".join(f"Sector{number}Time:t?{_SECTOR}" for number in (1, 2, 3))
_LAPS = [
    raw_file(
        "laps",
        "Season:i RoundNumber:i raceId:i driverId:i constructorId:i LapNumber:i[1,200] "
        f"LapTime:t?{_ANY_LAP} LapStartTime:t{_CLOCK} Time:t{_CLOCK} | "
        f"Position:i?[1,100] LapTimeSource:s? {_SECTORS} PitInTime:t?{_CLOCK} PitOutTime:t?{_CLOCK} Stint:i?[0,100] "
        f"Compound:s? TyreLife:f?[0,200] FreshTyre:b? SpeedI1:f?{_SPEED} SpeedI2:f?{_SPEED} SpeedFL:f?{_SPEED} SpeedST:f?{_SPEED} "
        "TrackStatus:k? IsAccurate:b? "
        f"IsPersonalBest:b? Deleted:b? DeletedReason:s? FastF1Generated:b? {_AIR}",
        required=True,
    ),
    raw_file("weather", f"raceId:i Time:t{_CLOCK} | {_AIR}"),
    raw_file("track_status", f"raceId:i Time:t{_CLOCK} Status:k | Message:s?"),
    raw_file("session_status", f"raceId:i Time:t{_CLOCK} Status:s"),
    raw_file("races", "raceId:i Season:i RoundNumber:i"),
]
_USER = [
    raw_file("upgrades", "season:i[1950,2100] round:i[1,40] constructor:k | session:s? note:s? knownAt:u?"),
    raw_file(
        "corner_speeds",
        "season:i[1950,2100] round:i[1,40] driver:k session:s avgCornerSpeed:f[20,450] | lap:i?[1,200]",
    ),
]

FORMATS: dict[str, RawFormat] = {
    "results": RawFormat("an Ergast dump", {raw.name: raw for raw in _ERGAST}, (".csv", ".csv.gz")),
    "laps": RawFormat("lap data", {raw.name: raw for raw in _LAPS}, (".parquet", ".csv", ".csv.gz"), ("laps",)),
    "user": RawFormat("a user's own files", {raw.name: raw for raw in _USER}, (".csv", ".csv.gz", ".parquet")),
}
FORMATS["both"] = RawFormat(
    "a dump with laps",
    {raw.name: raw for raw in (*(replace(raw, required=False) for raw in _LAPS), *_ERGAST)},
    (".csv", ".csv.gz", ".parquet"),
    ("laps",),
)
