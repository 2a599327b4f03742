"""The files of an F1DB release, and what is read of them.

Written from github.com/f1db/f1db, README.md and the JSON schemas of src/schema/current/splitted, as read on 2026-11-30; the CSV files are taken to have
the same names and properties.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.format import RawFile, RawFormat
from pitwall.sources.machinery.reading.schema import raw_file

Line = dict[str, str | None]
_RACE = "raceId:i year:i round:i"
_PLACE = f"{_RACE} positionDisplayOrder:i positionNumber:i? positionText:s"
_CAR = f"{_PLACE} driverId:s constructorId:s | driverNumber:k?"
_RESULT = "laps:i? timeMillis:f? gapLaps:i? reasonRetired:s? points:f? gridPositionNumber:i? gridPositionText:s?"
_SESSIONS = ("freePractice1", "freePractice2", "freePractice3", "qualifying", "sprintRace")
_WHEN = " ".join(f"{name}Date:d? {name}Time:c?" for name in _SESSIONS)
PRACTICES = (1, 2, 3, 4)


def _cars(name: str, more: str, *, required: bool = False) -> RawFile:
    needed, _, extra = _CAR.partition(" | ")
    return raw_file(name, f"{needed} {more} | {extra}", required=required)


_FILES = [
    raw_file("f1db-races", f"id:i year:i round:i date:d time:c? grandPrixId:k circuitId:k | {_WHEN}", required=True),
    raw_file("f1db-grands-prix", "id:k fullName:s", required=True),
    raw_file("f1db-circuits", "id:k fullName:s placeName:s? countryId:k? latitude:x? longitude:x?", required=True),
    raw_file(
        "f1db-drivers",
        "id:k firstName:s? lastName:s | abbreviation:a? permanentNumber:k? dateOfBirth:d? nationalityCountryId:k?",
        required=True,
    ),
    raw_file("f1db-constructors", "id:k name:s | countryId:k?", required=True),
    raw_file("f1db-countries", "id:k name:s | demonym:s?"),
    _cars("f1db-races-race-results", _RESULT, required=True),
    _cars("f1db-races-sprint-race-results", _RESULT),
    _cars("f1db-races-qualifying-results", "time:t? q1:t? q2:t? q3:t?", required=True),
    _cars("f1db-races-fastest-laps", "lap:i? time:t?"),
    _cars("f1db-races-pit-stops", "stop:i lap:i timeMillis:f?"),
    _cars("f1db-races-starting-grid-positions", ""),
    *(_cars(f"f1db-races-free-practice-{number}-results", "timeMillis:f? laps:i?") for number in PRACTICES),
    raw_file("f1db-races-driver-standings", f"{_PLACE} driverId:k points:f"),
    raw_file("f1db-races-constructor-standings", f"{_PLACE} constructorId:k points:f"),
]
RELEASE = RawFormat("a release of F1DB (CSV)", {file.name: file for file in _FILES}, (".csv",))


def read_release(folder: Path) -> dict[str, list[Line]]:
    """Return the lines of every file by its name without `f1db-`; a file that may be absent has none.

    Raises:
        SourceError: a needed file or column is missing; names the nearest one there is.
    """
    there = {table: path for path in sorted(folder.iterdir()) if (table := RELEASE.table(path.name))}
    missing = [RELEASE.file(table) for table in RELEASE.required if table not in there]
    if missing:
        raise SourceError(
            f"{missing[0]} is missing (missing in all: {', '.join(missing)}). Give the CSV release of F1DB (f1db-csv.zip), or the folder it was "
            "unpacked to."
        )
    return {
        name.removeprefix("f1db-"): _read(there[name], file) if name in there else []
        for name, file in RELEASE.files.items()
    }


def _read(path: Path, file: RawFile) -> list[Line]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            file.check_header(path.name, list(reader.fieldnames or []))
            return [{name: value or None for name, value in line.items() if name} for line in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path.name} is not readable as CSV in UTF-8 ({error}); fetch the release again.") from error
