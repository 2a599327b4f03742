"""The raw files of an Ergast dump as data: which must exist, their columns, and how each value reads.

Kinds: i whole number, f number (both not negative), x any number, s text, d date, t lap time `m:ss.mmm`; a trailing `?`
allows null. Columns after `|` may be absent, as in older dumps; they are then null.
"""

from __future__ import annotations

from dataclasses import dataclass

NULL = ("\\N", "")


@dataclass(frozen=True)
class RawFile:
    """One raw file: columns that must be there, columns that may be absent, each with its kind."""

    name: str
    needed: dict[str, str]
    extra: dict[str, str]
    required: bool

    @property
    def columns(self) -> dict[str, str]:
        """Return every column that is read, with its kind."""
        return {**self.needed, **self.extra}


def _raw(name: str, columns: str, required: bool = False) -> RawFile:
    needed, _, extra = columns.partition("|")
    return RawFile(name, _kinds(needed), _kinds(extra), required)


def _kinds(text: str) -> dict[str, str]:
    return {part.split(":")[0]: part.split(":")[1] for part in text.split()}


_SESSIONS = " ".join(f"{s}_date:d? {s}_time:s?" for s in ("fp1", "fp2", "fp3", "quali", "sprint"))

RAW: dict[str, RawFile] = {
    raw.name: raw
    for raw in [
        _raw("races", f"raceId:i year:i round:i circuitId:i name:s date:d | time:s? {_SESSIONS}", required=True),
        _raw(
            "results",
            "resultId:i raceId:i driverId:i constructorId:i grid:i position:i? positionText:s positionOrder:i points:f "
            "laps:i milliseconds:f? statusId:i | number:f? rank:i? fastestLapTime:t?",
            required=True,
        ),
        _raw(
            "qualifying",
            "raceId:i driverId:i constructorId:i position:i | q1:t? q2:t? q3:t? number:f?",
            required=True,
        ),
        _raw("drivers", "driverId:i driverRef:s forename:s surname:s | code:s? dob:d? nationality:s?", required=True),
        _raw("constructors", "constructorId:i constructorRef:s name:s | nationality:s?", required=True),
        _raw("circuits", "circuitId:i circuitRef:s name:s | country:s? lat:x? lng:x? alt:x?", required=True),
        _raw("status", "statusId:i status:s", required=True),
        _raw("practice", "raceId:i driverId:i constructorId:i session:s position:i milliseconds:f? | laps:f?"),
        _raw("practice_only_drivers", "driverId:i driverRef:s forename:s surname:s | dob:d?"),
        _raw("pit_stops", "raceId:i driverId:i stop:i lap:i milliseconds:f"),
        _raw("lap_times", "raceId:i driverId:i lap:i milliseconds:f | position:i?"),
        _raw(
            "sprint_results",
            "raceId:i driverId:i constructorId:i grid:i positionOrder:i points:f laps:i statusId:i | position:i?",
        ),
        _raw("driver_standings", "raceId:i driverId:i points:f position:i? wins:i"),
        _raw("constructor_standings", "raceId:i constructorId:i points:f position:i? wins:i"),
        _raw("seasons", "year:i"),
        _raw("constructor_results", "raceId:i constructorId:i points:f?"),
        _raw("safety_cars", "Race:s Deployed:x? Retreated:x? raceId:i"),
        _raw("red_flags", "Race:s Lap:s? raceId:i"),
        _raw("virtual_safety_cars", "Race:s Lap:i raceId:i"),
        _raw("grid", "raceId:i driverId:i constructorId:i grid:i"),
    ]
}

REQUIRED = tuple(name for name, raw in RAW.items() if raw.required)
FILENAMES = {f"{name}{suffix}": name for name in RAW for suffix in (".csv", ".csv.gz")}
