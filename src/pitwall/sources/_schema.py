"""The raw files of each format as data: which must exist, their columns, and how each value reads.

Kinds: i whole number, f number (both not negative), x any number, s text, b True or False, d date, t lap time `m:ss.mmm`, u
instant `YYYY-MM-DDTHH:MM:SSZ`;
a trailing `?` allows null. Columns after `|` may be absent, as in older dumps; they are then null. A format may split a
table into files by season, `<table>_<season>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pitwall.domain.errors import SourceError

NULL = ("\\N", "")
SEASON = re.compile(r"_\d{4}$")


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

    def check_header(self, name: str, header: list[str]) -> None:
        """Refuse a header that lacks a needed column, with the nearest name that is there.

        Args:
            name: what the file is called, for messages.
            header: its columns.

        Raises:
            SourceError: the header is empty, names a column twice, or lacks one.
        """
        if not header:
            raise SourceError(f"{name} is empty; fetch it again.")
        repeated = sorted({column for column in header if header.count(column) > 1})
        if repeated:
            raise SourceError(f"{name} has two columns called {repeated[0]!r}; keep one of them.")
        for column in self.needed:
            if column not in header:
                near = get_close_matches(column, header, n=1)
                hint = f"; did {near[0]!r} take its place? Rename it" if near else "; add it"
                raise SourceError(
                    f"{name} lacks the column {column!r} (found: {', '.join(header)}){hint}. "
                    f"Needed: {', '.join(self.needed)}."
                )


@dataclass(frozen=True)
class RawFormat:
    """The files that sources of one role deliver.

    Attributes:
        title: what messages call it.
        files: by table.
        suffixes: of files, the preferred one first.
        by_season: tables that may be split by season.
    """

    title: str
    files: Mapping[str, RawFile]
    suffixes: tuple[str, ...]
    by_season: tuple[str, ...] = ()

    def stem(self, file: str) -> str | None:
        """Return a file's name without its suffix, None where it is no file of this format."""
        for suffix in self.suffixes:
            stem = file.removesuffix(suffix)
            if stem != file and self._table(stem) in self.files:
                return stem
        return None

    def table(self, file: str) -> str | None:
        """Return the table that a file holds (a part of), None where it is no file of this format."""
        stem = self.stem(file)
        return None if stem is None else self._table(stem)

    def file(self, table: str) -> str:
        """Return how a table's file is called, for messages."""
        return f"{table}{'_<season>' if table in self.by_season else ''}{self.suffixes[0]}"

    @property
    def example(self) -> str:
        """Return the first files, for messages."""
        return ", ".join(self.file(name) for name in list(self.files)[:2])

    @property
    def required(self) -> list[str]:
        """Return the tables that must be there."""
        return [name for name, raw in self.files.items() if raw.required]

    def _table(self, stem: str) -> str:
        return SEASON.sub("", stem) if SEASON.sub("", stem) in self.by_season else stem


def _raw(name: str, columns: str, required: bool = False) -> RawFile:
    needed, _, extra = columns.partition("|")
    return RawFile(name, _kinds(needed), _kinds(extra), required)


def _kinds(text: str) -> dict[str, str]:
    return {part.split(":")[0]: part.split(":")[1] for part in text.split()}


_SESSIONS = " ".join(f"{s}_date:d? {s}_time:s?" for s in ("fp1", "fp2", "fp3", "quali", "sprint"))

_RESULT = (
    "resultId:i raceId:i driverId:i constructorId:i grid:i position:i? positionText:s positionOrder:i points:f laps:i "
    "milliseconds:f? statusId:i{} | number:f? rank:i? fastestLapTime:t?"
)
_ERGAST = [
    _raw("races", f"raceId:i year:i round:i circuitId:i name:s date:d | time:s? {_SESSIONS}", required=True),
    _raw("results", _RESULT.format(""), required=True),
    _raw("results_corrections", _RESULT.format(" publishedAt:u")),
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
    _raw("safety_cars", "raceId:i Deployed:i | Retreated:i? Cause:s?"),
    _raw("red_flags", "raceId:i Lap:i | Incident:s?"),
    _raw("virtual_safety_cars", "raceId:i Lap:i"),
    _raw("grid", "raceId:i driverId:i constructorId:i grid:i"),
    _raw("session_sectors", "raceId:i driverId:i constructorId:i session:s sector1:f sector2:f sector3:f"),
    _raw("weather_forecasts", "raceId:i leadHours:i rainProbability:f | airTemp:x?"),
]
_AIR = "AirTemp:x? TrackTemp:x? Humidity:f? Pressure:f? Rainfall:b? WindDirection:f? WindSpeed:f?"
_LAPS = [
    _raw(
        "laps",
        "Season:i RoundNumber:i raceId:i driverId:i constructorId:i LapNumber:i LapTime:f? LapStartTime:f Time:f | "
        "Position:i? LapTimeSource:s? Sector1Time:f? Sector2Time:f? Sector3Time:f? PitInTime:f? PitOutTime:f? Stint:i? "
        "Compound:s? TyreLife:f? FreshTyre:b? SpeedI1:f? SpeedI2:f? SpeedFL:f? SpeedST:f? TrackStatus:s? IsAccurate:b? "
        f"IsPersonalBest:b? Deleted:b? DeletedReason:s? FastF1Generated:b? {_AIR}",
        required=True,
    ),
    _raw("weather", f"raceId:i Time:f | {_AIR}"),
    _raw("track_status", "raceId:i Time:f Status:s | Message:s?"),
    _raw("session_status", "raceId:i Time:f Status:s"),
    _raw("races", "raceId:i Season:i RoundNumber:i"),
]

FORMATS: dict[str, RawFormat] = {
    "results": RawFormat("an Ergast dump", {raw.name: raw for raw in _ERGAST}, (".csv", ".csv.gz")),
    "laps": RawFormat("lap data", {raw.name: raw for raw in _LAPS}, (".parquet", ".csv", ".csv.gz"), ("laps",)),
}
FORMATS["both"] = RawFormat(
    "a dump with laps",
    {raw.name: raw for raw in (*(replace(raw, required=False) for raw in _LAPS), *_ERGAST)},
    (".csv", ".csv.gz", ".parquet"),
    ("laps",),
)
